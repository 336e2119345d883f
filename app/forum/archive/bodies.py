"""What a message says: its text, of whatever parts it is made, and a note for each attachment that is not taken."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from app.core.markup.limits import readable
from app.forum.archive.charsets import decoded, header_text, one_line
from app.forum.archive.headers import fields, split
from app.forum.archive.html_text import text_of

MOST_PARTS, MOST_DEPTH = 200, 20
NO_TEXT = "(This message has no text.)"
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_PLAIN = re.compile(r"(?i)\s*(?:$|text/plain\s*(?:$|;\s*charset\s*=\s*\"?([\w.:+-]{1,40})\"?\s*(?:$|;\s*format)))")
_AS_IT_IS = {"", "7bit", "8bit", "binary"}
_SILENT = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "text/x-amp-html"}


def text(raw: bytes) -> str:
    """The message's words as plain text, from all of it as it stands in the archive. Never raises."""
    raw = _ESCAPED.sub(rb"\1", raw)
    header, body = split(raw)
    charset = _charset_of_plain(fields(header))
    parts = _parsed(raw, body) if charset is None else [decoded(body, charset)]
    said = "\n\n".join(part for part in (readable(part).strip("\n") for part in parts) if part.strip())
    return said or NO_TEXT


def _charset_of_plain(found: dict[str, str]) -> str | None:
    """Of a message that is plain text as it stands, as most are: Python's parser takes five times as long for it."""
    plain = _PLAIN.match(found.get("content-type", ""))
    is_packed = found.get("content-transfer-encoding", "").lower() not in _AS_IT_IS
    return None if plain is None or is_packed else plain[1] or ""


def _parsed(raw: bytes, body: bytes) -> list[str]:
    try:
        return list(_words(email.message_from_bytes(raw), 0, [MOST_PARTS]))
    except Exception:  # the parser of old mail fails in more ways than it names; the words are there all the same
        return [decoded(body)]


def _words(part: Message[Any, Any], depth: int, left: list[int]) -> Iterator[str]:
    left[0] -= 1
    if left[0] < 0 or depth > MOST_DEPTH:
        return
    kind = part.get_content_type()
    if part.is_multipart():
        inner = [one for one in part.get_payload() if isinstance(one, Message)]
        yield from _of_several(kind, inner, depth, left)
    elif kind in _SILENT:
        return
    elif kind in ("text/plain", "text/html", "text/enriched") and not _is_attached(part):
        said = decoded(_payload(part), part.get_content_charset("") or "")
        yield said if kind == "text/plain" else text_of(said)
    else:
        yield _note(part, kind)


def _of_several(kind: str, parts: list[Message[Any, Any]], depth: int, left: list[int]) -> Iterator[str]:
    if kind == "multipart/alternative":
        parts = _best(parts)
    for one in parts:
        yield from _words(one, depth + 1, left)


def _best(parts: list[Message[Any, Any]]) -> list[Message[Any, Any]]:
    """Of several forms of the same: the plain text, if it says anything, else the last that there is."""
    plain = [one for one in parts if one.get_content_type() == "text/plain" and _payload(one).strip()]
    return plain[:1] or parts[-1:]


def _payload(part: Message[Any, Any]) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _is_attached(part: Message[Any, Any]) -> bool:
    return part.get_content_disposition() == "attachment"


def _note(part: Message[Any, Any], kind: str) -> str:
    name = one_line(header_text(str(part.get_filename("") or "")), 120)
    return f"[Attachment not taken from the archive: {name or kind}]"
