"""`ENV=demo` only: the mail that was written to files, so that a visitor of the demonstration can follow its links."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from starlette.responses import HTMLResponse, Response

from app.core.errors import NotFound
from app.mail.transports import folder_of
from app.web.guard import PUBLIC, Rule
from app.web.request import Context, Read
from app.web.routing import Routes

demo = Routes()
NEWEST = 100
_NAME = re.compile(r"[A-Za-z0-9.-]{1,120}\.eml")
# A message's HTML is shown alone, and can do nothing: no script, no form, no request.
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox"
_LINK = re.compile(r"https?://[^\s<>\"]+")


def _anyone() -> Rule:
    return PUBLIC("ENV=demo only: all mail is invented, and an applicant must be able to read theirs")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the list shows it."""

    name: str
    to: str
    subject: str
    kind: str


def _parsed(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _sent(path: Path) -> Sent:
    message = _parsed(path)
    return Sent(path.name, str(message["To"]), str(message["Subject"]), str(message["X-Squadroom-Kind"]))


def _one(ctx: Context, name: str) -> EmailMessage:
    path = folder_of(ctx.platform.settings) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    return _parsed(path)


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text, cut so that its addresses can be made links: (piece, whether it is one)."""
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        pieces += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [*pieces, (text[end:], False)]


@demo.get("/demo/mail", _anyone(), slow=True)
def sent_mail(ctx: Read) -> Response:
    folder = folder_of(ctx.platform.settings)
    newest = sorted(folder.glob("*.eml"), key=lambda path: path.name, reverse=True)[:NEWEST] if folder.is_dir() else []
    return ctx.page("mail/demo_list.html", messages=[_sent(path) for path in newest])


@demo.get("/demo/mail/{name}", _anyone(), slow=True)
def one_message(ctx: Read, name: str) -> Response:
    message = _one(ctx, name)
    body = message.get_body(("plain",))
    return ctx.page("mail/demo_message.html", name=name, message=message, pieces=_pieces(body.get_content() if body else ""))


@demo.get("/demo/mail/{name}/html", _anyone(), slow=True)
def message_html(ctx: Read, name: str) -> Response:
    body = _one(ctx, name).get_body(("html",))
    if body is None:
        raise NotFound
    return HTMLResponse(body.get_content(), headers={"content-security-policy": _CSP})
