"""What is read of an old list's messages: in each program's form, in broken ones, and in whatever hypothesis thinks of."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core import markup
from app.forum.archive import bodies, headers, reading
from app.forum.archive.charsets import decoded, header_text
from app.forum.archive.files import Files, NotAnArchive
from app.forum.archive.html_text import text_of
from app.forum.archive.markdown import markdown
from app.forum.archive.reading import Archive, Letter
from tests.forum.archives import DAY, listserv, mail, mbox, written

NOW = dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)


def read(*paths: Path) -> tuple[Archive, list[Letter]]:
    with Files(list(paths)) as files:
        archive = reading.read(files, NOW)
        return archive, [reading.letter(files, head.place, archive.tags) for head in archive.heads]


def texts(data: bytes, folder: Path) -> list[str]:
    return [letter.text.strip() for letter in read(written(folder, data))[1]]


def dates(archive: Archive) -> list[str]:
    return [f"{dt.datetime.fromtimestamp(head.date, dt.UTC):%Y-%m-%d %H:%M}" for head in archive.heads]


# Files ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [mbox, listserv])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_each_form_is_read(tmp_path: Path, form, packed: bool, ends: bytes) -> None:
    data = form(mail("One", "First words.", id="<1@l>"), mail("Two", "Second\n\nwords.", id="<2@l>")).replace(b"\n", ends)
    archive, letters = read(written(tmp_path, data, packed=packed))
    assert [(one.title, one.text.split()) for one in letters] == [("One", ["First", "words."]), ("Two", ["Second", "words."])]
    assert archive.unreadable == []


def test_a_line_that_only_looks_like_the_end_of_a_message_is_none(tmp_path: Path) -> None:
    body = "Before.\n\nFrom the start on Tue Mar 4 10:00:00 we knew.\nFrom now on:\n\n" + "=" * 70 + "\nafter."
    assert len(texts(mbox(mail("One", body)), tmp_path)) == 1
    assert len(texts(listserv(mail("One", body)), tmp_path)) == 1
    quoted = "It said:\n\n>From pat@x.example Tue Mar  4 10:00:00 2014\nSubject: no message"
    assert texts(mbox(mail("One", quoted)), tmp_path)[0].split("\n")[2] == "From pat@x.example Tue Mar  4 10:00:00 2014"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"Dear all,\nFrom me", b"\x00\x01\x02", b"%PDF-1.4", b"PK\x03\x04"])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotAnArchive):
        read(written(tmp_path, data))
    with pytest.raises(NotAnArchive, match="No such file"):
        read(tmp_path / "missing.mbox")


def test_a_packed_file_that_is_cut_off_gives_what_it_holds(tmp_path: Path) -> None:
    path = written(tmp_path, mbox(*(mail(f"No {n}", f"{n} " * 400) for n in range(200))), packed=True)
    path.write_bytes(path.read_bytes()[:-200])
    archive, letters = read(path)
    assert len(letters) > 50
    assert [one.reason for one in archive.unreadable] == ["the packed file is cut off; what came before that is taken"]


def test_files_are_taken_by_when_they_begin(tmp_path: Path) -> None:
    april = written(tmp_path, mbox(mail("April", date="Tue, 01 Apr 2014 10:00:00 +0000")), "2014-April.txt")
    march = written(tmp_path, mbox(mail("March", date="Tue, 04 Mar 2014 10:00:00 +0000")), "2014-March.txt")
    assert [letter.title for letter in read(april, march)[1]] == [letter.title for letter in read(march, april)[1]] == ["March", "April"]


def test_what_has_no_header_is_told_with_its_line(tmp_path: Path) -> None:
    data = mbox(mail("One")) + b"From x Tue Mar  4 10:00:00 2014\nX-Junk: 1\n\nNothing.\n\n" + mbox(mail("Two"))
    archive, letters = read(written(tmp_path, data))
    assert [letter.title for letter in letters] == ["One", "Two"]
    assert [(one.file, one.line, one.reason) for one in archive.unreadable] == [("archive.mbox", 9, "has no header")]


# Dates ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [None, "yesterday", "", "Tue, 04 Mar 2099 10:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 99 Mar 2014 99:99:99 +9999", "0 0"],
)
def test_a_missing_date_is_the_neighbours(tmp_path: Path, wrong: str | None) -> None:
    right = [mail(f"At {n}", date=DAY.format(n)) for n in (1, 2)]
    broken = [mail(f"Broken {n}", date=wrong) for n in range(3)]
    archive, _ = read(written(tmp_path, mbox(broken[0], right[0], broken[1], right[1], broken[2])))
    assert dates(archive) == ["2014-03-04 15:01", "2014-03-04 15:01", "2014-03-04 15:01", "2014-03-04 15:02", "2014-03-04 15:02"]


def test_without_any_date_it_is_the_files(tmp_path: Path) -> None:
    import os

    path = written(tmp_path, mbox(mail("One", date=None)))
    os.utime(path, (10**9, 10**9))
    assert dates(read(path)[0]) == ["2001-09-09 01:46"]
    os.utime(path, (10**10, 10**10))
    assert dates(read(path)[0]) == ["2026-11-23 16:00"]  # never the future


# Headers --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Old Timer <old.timer@lapsed.example>", "Old Timer", "old.timer@lapsed.example"),
        ('"Timer, Old" <old.timer at lapsed.example>', "Timer, Old", "old.timer@lapsed.example"),
        ("old.timer at lapsed.example (Old Timer)", "Old Timer", "old.timer@lapsed.example"),
        ("old.timer at lapsed.example  (=?iso-8859-1?Q?J=F6rg?=)", "Jörg", "old.timer@lapsed.example"),
        ("=?utf-8?b?SsO2cmc=?= =?utf-8?q?_M?= <j@x.example>", "Jörg M", "j@x.example"),
        ("old.timer@lapsed.example", "old.timer", "old.timer@lapsed.example"),
        ("<old.timer@lapsed.example>", "old.timer", "old.timer@lapsed.example"),
        ('"old.timer@lapsed.example" <old.timer@lapsed.example>', "old.timer", "old.timer@lapsed.example"),
        ('"someone@else.example" <old.timer@lapsed.example>', "old.timer", "old.timer@lapsed.example"),
        ("Only A Name", "Only A Name", ""),
        ("", headers.NO_NAME, ""),
        ("<>", headers.NO_NAME, ""),
        ("A\tB  <A.B@X.Example>", "A B", "a.b@x.example"),
    ],
)
def test_who_wrote_it(value: str, name: str, address: str) -> None:
    assert headers.author({"from": value}) == (name, address)


def test_whom_a_list_stood_in_for() -> None:
    said = {"from": "Pat Doe via Our-List <list@host.example>", "reply-to": "Pat Doe <pat@far.example>"}
    assert headers.author(said) == ("Pat Doe", "pat@far.example")


@pytest.mark.parametrize(
    ("value", "words", "is_reply", "title"),
    [
        ("Body armour", "body armour", False, "Body armour"),
        ("Re: [LIST] RE[2]: AW: Fwd: Body  armour", "body armour", True, "Body armour"),
        ("[LIST] [Question] Body armour", "body armour", False, "[Question] Body armour"),
        ("[Fwd: Body armour]", "body armour", True, "[Fwd: Body armour]"),
        ("=?utf-8?q?K-9_budget_=E2=80=93?= =?utf-8?q?_2014?=", "k-9 budget – 2014", False, "K-9 budget – 2014"),
        ("=?utf-8?b?4oI=?= =?utf-8?b?rCA1?=", "€ 5", False, "€ 5"),
        ("=?x-unknown?q?caf=E9?=", "café", False, "café"),
        ("=?utf-8?b?!!!?=", "", False, headers.NO_SUBJECT),
        ("Regarding: this", "regarding: this", False, "Regarding: this"),
        ("Re:", "", True, headers.NO_SUBJECT),
        ("[LIST]", "[list]", False, "[LIST]"),
        ("", "", False, headers.NO_SUBJECT),
    ],
)
def test_what_it_is_about(value: str, words: str, is_reply: bool, title: str) -> None:
    found = headers.subject(value)
    assert (found.words, found.is_reply) == (words, is_reply)
    assert headers.title(value, frozenset({"LIST"})) == title


def test_the_lists_own_tag_is_the_one_most_subjects_have(tmp_path: Path) -> None:
    many = [mail(f"[LIST] No {n}") for n in range(9)] + [mail("[AMBER ALERT] Missing child")]
    assert [letter.title for letter in read(written(tmp_path, mbox(*many)))[1]] == [
        *[f"No {n}" for n in range(9)],
        "[AMBER ALERT] Missing child",
    ]


@pytest.mark.parametrize(
    ("said", "own", "answers"),
    [
        ({"message-id": "<a@l>", "references": "<x@l>\t<y@l>", "in-reply-to": "<y@l>"}, "a@l", ["x@l", "y@l"]),
        ({"message-id": "<a at l>", "in-reply-to": 'Your message of "Tue" <y at l>'}, "a@l", ["y@l"]),
        ({"message-id": "a@l", "in-reply-to": "Your message of Tuesday"}, "a@l", []),
        ({"message-id": "<>", "references": "<>"}, "", []),
    ],
)
def test_what_it_answers(said: dict[str, str], own: str, answers: list[str]) -> None:
    assert (headers.own_id(said), headers.answered_ids(said)) == (own, answers)


# Words ----------------------------------------------------------------------------------------------------------------------


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


# Whatever comes -------------------------------------------------------------------------------------------------------------

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
    decoded(data, charset)
    header_text(f"=?{charset}?q?{data.decode('latin-1')}?=")
