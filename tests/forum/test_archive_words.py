"""The words of an old list's letters: charsets, parts, pages made text, and that no bytes break the reader."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core import markup
from app.forum.archive import bodies, headers
from app.forum.archive.charsets import decoded, header_text
from app.forum.archive.html_text import text_of
from app.forum.archive.markdown import markdown
from tests.forum.archives import mail, mbox, written
from tests.forum.test_archive_reading import NOW, read, texts


@pytest.mark.parametrize(
    ("charset", "data", "words"),
    [
        ("iso-8859-1", b"M\xfcller \x93said\x94", "Müller “said”"),
        ("utf-8", b"\xe9\xff", "éÿ"),
        ("us-ascii", "Müller".encode(), "Müller"),
        ("iso-8859-1", "Müller".encode(), "Müller"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("x-mac-klingon", b"caf\xe9", "café"),
        ("rot13", b"caf\xe9", "café"),
        ("unicode_escape", b"\\x41", "\\x41"),
        ("../../etc", b"caf\xe9", "café"),
    ],
)
def test_a_wrong_charset_is_read_all_the_same(tmp_path: Path, charset: str, data: bytes, words: str) -> None:
    assert texts(mbox(mail("One", data, content_type=f"text/plain; charset={charset}")), tmp_path) == [words]


def test_parts_and_attachments(tmp_path: Path) -> None:
    both = "--b\nContent-Type: text/html\n\n<p>The <b>same</b></p>\n--b\nContent-Type: text/plain\n\nThe same, plain.\n--b--"
    assert texts(mbox(mail("One", both, content_type="multipart/alternative; boundary=b")), tmp_path) == ["The same, plain."]
    mixed = '--b\n\nSee the file.\n--b\nContent-Type: application/msword; name="=?utf-8?q?Pl=C3=A4ne.doc?="\n\nxxx\n--b\n\nPat\n--b--'
    [said] = texts(mbox(mail("One", mixed, content_type="multipart/mixed; boundary=b")), tmp_path)
    assert said == "See the file.\n\n[Attachment not taken from the archive: Pläne.doc]\n\nPat"
    scrubbed = "Words.\n-------------- next part --------------\nA non-text attachment was scrubbed...\nName: plan.doc\nURL: <http://lists.example/plan.doc>"
    assert texts(mbox(mail("One", scrubbed)), tmp_path) == [scrubbed]
    encoded = mail("One", "SsO2cmc=", content_transfer_encoding="base64", content_type="text/plain; charset=utf-8")
    assert texts(mbox(encoded, mail("Two", b"")), tmp_path) == ["Jörg", bodies.NO_TEXT]


def test_a_page_becomes_its_words() -> None:
    page = (
        "<html><head><style>p{}</style></head><body><p>One &amp; two<br>three</p><blockquote><p>quoted</p></blockquote><ul><li>a<li>b</ul>"
    )
    assert text_of(page) == "One & two\nthree\n\n> quoted\n\n- a\n- b"
    assert "words" in text_of("<![foo[ words <p> more")


def shown(text: str) -> str:
    return markup.render(markdown(text)).html


def test_a_letter_looks_as_it_was_written() -> None:
    letter = (
        "Hi all,\n\nwe *never* paid that, see http://x.example/a_b_c and ask\nme_or_him@x.example. # no heading\n\n"
        "> > Who did?\n> I did.\nReally?\n\n1. one\n2) two\n- three\n# four\n    <b>five</b> &amp; ![six](http://x.example/6)\n\n"
        "Town PD\n------\n[7]: http://x.example\n-- \nPat"
    )
    html = shown(letter)
    assert set(re.findall(r"<([a-z0-9]+)", html)) == {"p", "br", "blockquote", "a"}
    plain = re.sub(r"<[^>]+>", "", html.replace("<br>", ""))
    for words in (
        "*never*",
        "# no heading",
        "1. one",
        "2) two",
        "- three",
        "# four",
        "&lt;b&gt;five&lt;/b&gt; &amp;amp; ![six](",
        "------",
        "[7]: ",
        "--\nPat",
    ):
        assert words in plain, words
    assert "a_b_c</a>" in html
    assert html.count("<blockquote>") == 2
    assert re.search(r"I did.</p>\s*</blockquote>\s*<p>Really\?", html)


def test_lines_that_were_broken_for_want_of_room_go_on() -> None:
    wide = (
        "The council asked what the cameras cost us in the first year, and we\n"
        "told them: less than one patrol car, all storage included, for all of\n"
        "the forty officers."
    )
    assert shown(wide).count("<br") == 0
    assert shown("Pat Doe\nChief of Police\nTown PD").count("<br") == 2


PIECES = st.sampled_from(
    [b"From x Tue Mar  4 10:00:00 2014\n", b"=" * 73 + b"\n", b"From: ", b"Subject: Re: ", b"Date: ", b"Message-ID: <a@l>\n", b"\n",
     b"\n\n", b"Content-Type: multipart/mixed; boundary=b\n", b"--b\n", b"--b--\n", b"Content-Type: text/html; charset=utf-7\n",
     b"=?utf-8?b?", b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: x-uuencode\n", b"> ", b"\r", b"\0", b"\xff",
     b"Content-Type: message/rfc822\n", b"?=", b"<![x[", b"References: <", b" at ", b"(", b'"', b"[",
     b"Content-Disposition: attachment; filename*0*=x''%ff\n"]
)  # fmt: skip


ANY = st.lists(PIECES | st.binary(max_size=12), max_size=40).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(ANY, st.sampled_from([b"From x Tue Mar  4 10:00:00 2014\nFrom: a@b\n", b"=" * 73 + b"\nDate: x\n"]))
def test_no_file_breaks_the_reader(data: bytes, start: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, letters = read(written(Path(folder), start + data))
    assert len(letters) + len(archive.unreadable) >= 1
    for head, letter in zip(archive.heads, letters, strict=True):
        assert headers.OLDEST <= head.date <= NOW.timestamp()
        assert 0 < len(letter.title) <= 200
        assert 0 < len(letter.author.name) <= 100
        assert letter.text.strip()
        for said in (*letter.author, letter.title, letter.text):
            said.encode()
            assert "\0" not in said


@settings(max_examples=300, deadline=None)
@given(st.text("ab1 \n>*_`#-+=[]()!<&;~|\\.:/", max_size=120))
@example("a\n--")
@example("[a]: http://b.example\n\n[a]")
@example("http://a.example/_b_ *c*")
def test_no_text_becomes_markup_by_accident(text: str) -> None:
    assert set(re.findall(r"<([a-z0-9]+)", shown(text))) <= {"p", "br", "blockquote", "a"}


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_word_is_lost(text: str) -> None:
    words = re.findall(r"[A-Za-z0-9]{2,}", text)
    plain = markup.render(markdown(text)).plain
    assert [word for word in words if word not in plain] == []


@given(st.binary(max_size=60), st.text(max_size=12))
def test_no_charset_breaks_the_reader(data: bytes, charset: str) -> None:
    for said in (decoded(data, charset), header_text(f"=?{charset}?q?{data.decode('latin-1')}?=")):
        assert said.encode().decode() == said, "what comes can be stored and shown"
