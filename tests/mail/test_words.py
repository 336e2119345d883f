"""The text of a message, whatever program made it and whatever is wrong with it."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.trimming.flowed import unwrap
from app.mail.trimming.words import decode, read
from tests.mail.replies import from_bytes


def message(kind: str, body: str | bytes, more: str = "") -> bytes:
    return f"Content-Type: {kind}\r\n{more}\r\n".encode() + (body if isinstance(body, bytes) else body.encode())


def multipart(kind: str, *parts: bytes) -> bytes:
    return (
        f'Content-Type: multipart/{kind}; boundary="b"\r\n\r\n'.encode()
        + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
        + b"--b--\r\n"
    )


PLAIN = message("text/plain", "Plain words.")
HTML = message("text/html", "<p>HTML words.</p>")


@pytest.mark.parametrize(
    ("raw", "text", "html"),
    [
        (PLAIN, "Plain words.", None),
        (b"Subject: x\r\n\r\nNo type.", "No type.", None),
        (multipart("alternative", PLAIN, HTML), "Plain words.", "<p>HTML words.</p>"),
        (multipart("alternative", message("text/plain", " \r\n"), HTML), "HTML words.", "<p>HTML words.</p>"),
        (multipart("mixed", PLAIN, message("image/png", b"\x89PNG"), message("text/plain", "More.")), "Plain words.\nMore.", None),
        (multipart("mixed", HTML, message("text/plain", "A notice.")), "HTML words.\n\nA notice.", "<p>HTML words.</p>"),
        (multipart("mixed", PLAIN, message("text/plain", "Of a file.", "Content-Disposition: attachment\r\n")), "Plain words.", None),
        (multipart("mixed", PLAIN, message("message/rfc822", b"Subject: x\r\n\r\nAnother's.")), "Plain words.", None),
        (multipart("alternative", PLAIN, HTML, message("text/calendar", "BEGIN:VCALENDAR")), "Plain words.", "<p>HTML words.</p>"),
        (message("text/calendar", "BEGIN:VCALENDAR"), "", None),
        (
            message("text/plain; format=flowed", "Who has \r\ncameras?\r\n> One \r\n> two\r\n-- \r\nJo"),
            "Who has cameras?\n> One two\n-- \nJo",
            None,
        ),
    ],
)
def test_the_part_that_holds_the_words(raw: bytes, text: str, html: str | None) -> None:  # M9
    words = from_bytes(raw)
    assert words.text.replace("\r\n", "\n").strip() == text
    assert words.html == html
    old = read(email.message_from_bytes(raw))
    assert (old.text, old.html) == (words.text, words.html)


@pytest.mark.parametrize(
    ("flowed", "delsp", "text"),
    [
        ("a \nb\n\nc", False, "a b\n\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\nown", False, "> a b\nown"),
        ("> a \n>> b", False, "> a \n>> b"),
        (" > stuffed\n From stuffed", False, "> stuffed\nFrom stuffed"),
        ("a \n-- \nJo", False, "a \n-- \nJo"),
        (">>> a \n>>> b", False, ">>> a b"),
    ],
)
def test_flowed_paragraphs_are_one_line_again(flowed: str, delsp: bool, text: str) -> None:  # M9
    assert unwrap(flowed, delsp) == text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("“Größe”".encode(), "utf-8", "“Größe”"),
        ("“Größe”".encode("cp1252"), "iso-8859-1", "“Größe”"),
        ("“Größe”".encode("cp1252"), "us-ascii", "“Größe”"),
        ("“Größe”".encode("cp1252"), "utf-8", "“Größe”"),
        ("“Größe”".encode(), "us-ascii", "“Größe”"),
        ("“Größe”".encode(), "x-unknown", "“Größe”"),
        ("“Größe”".encode(), "unicode_escape", "“Größe”"),
        ("“Größe”".encode(), "rot13", "“Größe”"),
        ("“Größe”".encode(), "\0", "“Größe”"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        (b"\xff\xfe\x81", "utf-16", "ÿþ\ufffd"),
        (b"+2AA-", "utf-7", "?"),
        (b"\xef\xbb\xbfx", None, "x"),
    ],
)
def test_a_wrong_charset_costs_no_letter_that_can_be_told(raw: bytes, charset: str | None, text: str) -> None:  # M16
    assert decode(raw, charset) == text


def test_html_becomes_markdown() -> None:  # M9
    html = (
        "<style>p {color: red}</style><p>Two&nbsp;ways:</p><ul><li>one<li>two</ul><hr><b>From: </b>x<p>"
        "<a href='https://a.example/b'>a site</a> and <a href='mailto:jo@city.example'>Jo</a></p>"
        "<blockquote type=cite>Asked<blockquote>before</blockquote></blockquote>"
        "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>indented</blockquote>"
    )
    assert [line.strip() for line in from_bytes(message("text/html", html)).text.split("\n") if line.strip()] == [
        "Two ways:", "* one", "* two", "From: x", "[a site](https://a.example/b) and Jo", "> Asked", ">> before", "indented",
    ]  # fmt: skip


_HEADERS = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/alternative", b"Content-Type: ;=", b"--b", b"--b--", b"",
        b"Content-Type: text/plain; charset*=x'y'%ff; format=flowed", b'Content-Type: text/html; charset="\xff',
        b"Content-Type: text/plain; charset=utf-7", b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode", b"Content-Disposition: =?utf-8?b?////?=; filename*0*=''%",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(_HEADERS, st.binary(max_size=40)), max_size=20).map(b"\r\n".join))
@settings(max_examples=500, deadline=None)
def test_no_message_is_too_broken(raw: bytes) -> None:  # M16
    for policy in (email.policy.default, email.policy.compat32):
        words = read(email.message_from_bytes(raw, policy=policy))
        assert words.text == words.text.encode().decode()
