"""The text of a parsed message. Whatever is wrong with it, there is an answer: nothing here raises."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any

from app.mail.trimming.flowed import unwrap
from app.mail.trimming.from_html import to_text

MOST_PARTS = 500
DEEPEST = 40
# Python's own encodings that are none of mail, and that take long or warn.
_NOT_OF_MAIL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
# What is called one of these holds Windows' letters as well, as every mail program reads it.
_WINDOWS = {"iso8859_1", "ascii"}


@dataclass(frozen=True, slots=True)
class Words:
    """`html` is what the sender's program made of the same text, if it did: `trim` takes both."""

    text: str
    html: str | None = None


def read(message: Message[Any, Any]) -> Words:
    """Plain text where there is some, or else the HTML as text. Attachments, invitations and messages inside are passed by."""
    plain, html = _collect(message, 0, [MOST_PARTS])
    return Words(plain if plain.strip() else to_text(html), html or None)


def _collect(part: Message[Any, Any], depth: int, left: list[int]) -> tuple[str, str]:
    """The part's plain text and its HTML. `left` counts down the parts that may still be looked at."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0 or _asked(part.get_content_disposition, None) == "attachment":
        return "", ""
    kind: str = _asked(part.get_content_type, "text/plain")
    if kind.startswith("multipart/"):
        parts = part.get_payload()
        found = [_collect(child, depth + 1, left) for child in parts if isinstance(child, Message)] if isinstance(parts, list) else []
        return _either(found) if kind == "multipart/alternative" else _together(found)
    if kind == "text/plain":
        return _plain(part), ""
    return "", _decoded(part) if kind == "text/html" else ""


def _either(found: list[tuple[str, str]]) -> tuple[str, str]:
    return next((p for p, _ in found if p.strip()), ""), next((h for _, h in found if h.strip()), "")


def _together(found: list[tuple[str, str]]) -> tuple[str, str]:
    """One after the other. Where one has only HTML, that becomes text, so that no piece is missing."""
    found = [(plain, html) for plain, html in found if plain.strip() or html.strip()]
    some = any(plain.strip() for plain, _ in found)
    pieces = [plain if plain.strip() else to_text(html) for plain, html in found] if some else []
    return "\n".join(pieces), "\n".join(html for _, html in found if html)


def _plain(part: Message[Any, Any]) -> str:
    text = _decoded(part)
    if str(_asked(lambda: part.get_param("format"), "")).lower() != "flowed":
        return text
    return unwrap(text, delsp=str(_asked(lambda: part.get_param("delsp"), "")).lower() == "yes")


def _decoded(part: Message[Any, Any]) -> str:
    raw = _asked(lambda: part.get_payload(decode=True), b"")
    return decode(raw, _asked(part.get_content_charset, None)) if isinstance(raw, bytes) else ""


def decode(raw: bytes, charset: str | None) -> str:
    """By the charset it says, else as UTF-8, else as Windows' Western letters. Lone surrogates become question marks."""
    for name in (_usable(charset), "utf-8"):
        if name:
            try:
                return _clean(raw.decode(name))
            except (UnicodeError, LookupError, ValueError):
                continue
    return _clean(raw.decode("cp1252", "replace"))


def _usable(charset: str | None) -> str | None:
    try:
        name = codecs.lookup(charset or "utf-8").name.replace("-", "_")
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if name in _NOT_OF_MAIL or name in _WINDOWS else name


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().removeprefix("\ufeff")


def _asked(question: Callable[[], Any], otherwise: Any) -> Any:
    """The standard library raises what it likes on a header that is no header."""
    try:
        return question()
    except Exception:
        return otherwise
