"""A message's bytes: nothing a member writes can begin a header, and no line is too long for a server."""

from __future__ import annotations

import datetime as dt
import email.utils
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.config import Settings
from app.core.signing import Signer
from app.mail import templates
from app.mail.message import header, mailbox, message_bytes, one_line, plain_address, quoted
from app.mail.outbox import message_id, standing_headers
from tests.mail.helpers import parsed, text

AT = dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)
CONFIG = Settings(secret_key="a secret of the tests", _env_file=None)
NAMES = {"From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Squadroom-Kind", "Date", "MIME-Version", "Content-Type"}

_any_text = st.text(st.characters(codec=None), max_size=300)


def _bytes(name: str, subject: str, body: str, html: str) -> bytes:
    headers = standing_headers(CONFIG, name, ("account", "chief@alderwood.example", subject), "<one@localhost>")
    return message_bytes(headers, quoted(body), quoted(html), AT)


@given(name=_any_text, subject=_any_text, body=_any_text)
@example(name="A\r\nBcc: mallory@evil.example", subject="A\r\n\r\n<b>", body="\r\n.\r\nMAIL FROM:<x>")
@example(name='"mallory@evil.example" <', subject="=?utf-8?q?=0D=0ABcc:?= x", body="--=_x")
@example(name="\0\u2028Bcc: x", subject="\x85Bcc: x\ud800", body="\0")
@example(name="Ä" * 200, subject="word" * 75, body="x" * 300)
@settings(max_examples=300, deadline=None)
def test_no_text_forges_a_header_or_makes_a_line_too_long(name: str, subject: str, body: str) -> None:  # M15 M5
    raw = _bytes(name, subject, body, f"<p>{len(body)}</p>")
    message = parsed(raw)
    assert set(message.keys()) == NAMES
    assert len(message.keys()) == len(NAMES)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.replace(b"\r\n", b"").find(b"\n") == raw.replace(b"\r\n", b"").find(b"\r") == -1
    assert [a for _, a in email.utils.getaddresses([str(message["From"])])][-1] == CONFIG.sender
    assert message["To"] == "chief@alderwood.example"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=400))
@settings(max_examples=200, deadline=None)
def test_what_was_written_arrives(line: str) -> None:
    message = parsed(_bytes("An association", line, f"x{line}\n second line", "<p>x</p>"))
    assert " ".join(str(message["Subject"]).split()) == " ".join(line.split())
    assert text(message).replace("\r\n", "\n") == f"x{line}\n second line\n"


def test_a_display_name_never_holds_another_address() -> None:  # M15
    assert mailbox("chief@alderwood.example", "squadroom@localhost") == '"chief at alderwood.example" <squadroom@localhost>'
    assert mailbox('Say "hello"', "a@b.example") == '"Say \\"hello\\"" <a@b.example>'
    assert "@" not in mailbox("Ärger mit @ dem Namen", "a@b.example").rpartition("<")[0]


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: x@y.example", "a b@c.example", "<a@b.example>", "a@b@c.example", "", "ä@b.example", "a@b,c@d"]
)
def test_only_a_plain_address_is_written_to(address: str) -> None:  # M15
    with pytest.raises(ValueError, match="plain mail address"):
        plain_address(address)


def test_folding_keeps_every_word() -> None:
    value = " ".join(f"word{n}" for n in range(60))
    folded = header("Subject", value)
    assert folded.replace("\r\n ", " ") == f"Subject: {value}\r\n"
    assert all(len(line) <= 78 for line in folded.split("\r\n"))
    assert one_line(" a\r\n b\0c ") == "a b c"


def test_a_message_id_is_the_same_for_the_same_thing_and_recipient_and_no_other() -> None:  # M5
    signer = Signer(("key",))
    ids = {message_id(signer, "d.example", f"m{n}@x.example", f"digest:{k}") for n in range(100) for k in range(100)}
    assert len(ids) == 10_000
    assert message_id(signer, "d.example", "m1@x.example", "digest:1") in ids


def test_ten_thousand_messages_have_one_recipient_each_and_short_lines() -> None:  # M5
    dice, signer, seen = random.Random(20261128), Signer(("key",)), set()
    letters = [chr(n) for n in (*range(32, 127), 0xE9, 0x4E2D, 0x1F600, 13, 10, 0)]
    for n in range(10_000):
        to = f"m{n % 700}@x{n % 7}.example"
        ident = message_id(signer, "d.example", to, f"reply:{n}")
        subject, body = ("".join(dice.choices(letters, k=dice.randrange(most))) for most in (60, 1_200))
        headers = standing_headers(CONFIG, "An association", ("reply", to, subject), ident)
        raw = message_bytes(headers, quoted(body), b"", AT)
        head = raw.partition(b"\r\n\r\n")[0]
        assert max(map(len, raw.split(b"\r\n"))) <= 998, n
        assert re.findall(rb"(?im)^(?:to|cc|bcc):.*$", head.replace(b"\r", b"")) == [f"To: {to}".encode()]
        assert f"Message-ID: {ident}".encode() in head.replace(b"\r\n", b"")
        seen.add(ident)
    assert len(seen) == 10_000


def test_rules_are_written_into_the_tags_and_dark_mode_stays_in_the_head() -> None:
    site = {"name": "An association", "address": "1 Street"}
    values = {"site": site, "origin": "http://x", "subject": "S", "at": AT, "network": "", "to": "", "path": "", "page": ""}
    _, html = templates.render("mail/account_notice", what="<b>x", **values)
    assert 'class="mail" style="' in html or 'style="max-width: 600px' in html
    assert "prefers-color-scheme" in html
    assert "&lt;b&gt;x" in html
    assert "{" not in templates.render("mail/account_notice", what="", **values)[0]
