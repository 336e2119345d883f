"""Reading a message that anybody may have written: bounded in size, depth and parts before anything else looks at it (M16)."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any, TypeAlias

from app.mail.inbound.envelope import MOST_BYTES
from app.mail.inbound.refusals import NotTaken, Why

MOST_HEADER, DEEPEST, MOST_PARTS = 65_536, 20, 200
_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
Parsed: TypeAlias = "Message[Any, Any]"


def parse(raw: bytes) -> Parsed:
    """The message; NotTaken where it passes a limit or can't be read at all."""
    if len(raw) > MOST_BYTES:
        raise NotTaken(Why.TOO_LARGE)
    head = _END.search(raw)
    if (head.start() if head else len(raw)) > MOST_HEADER:
        raise NotTaken(Why.TOO_LARGE)
    # Parsing nests as deep as there are boundaries: they are counted before.
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > MOST_PARTS:
        raise NotTaken(Why.TOO_LARGE)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        _require_small(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError, IndexError):  # of the parser itself
        raise NotTaken(Why.UNREADABLE) from None
    return message


def _require_small(message: Parsed) -> None:
    waiting, parts = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if depth > DEEPEST or parts > MOST_PARTS:
            raise NotTaken(Why.TOO_LARGE)
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [(child, depth + 1) for child in payload if isinstance(child, Message)]


def headers(message: Parsed, name: str) -> list[str]:
    """All headers of this name as one line each; what can't be read as text becomes question marks."""
    found = message.get_all(name) or []
    return [" ".join(str(value).encode("utf-8", "replace").decode().split()) for value in found]


def header(message: Parsed, name: str) -> str:
    found = headers(message, name)
    return found[0] if found else ""


def subject(message: Parsed) -> str:
    """The subject in one line, as it was meant; as it stands where that can't be read."""
    raw = header(message, "subject")
    try:
        text = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError, UnicodeError):
        text = raw
    return " ".join(_CONTROLS.sub(" ", text).split())
