"""What a message's header says of it: who, when, about what, and what it answers. Pure, and nothing here raises."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from email.utils import mktime_tz, parsedate_tz
from typing import NamedTuple

from app.forum.archive.charsets import decoded, header_text, one_line

MOST_HEADER = 64_000
MOST_REFERENCES = 60
OLDEST = int(dt.datetime(1980, 1, 1, tzinfo=dt.UTC).timestamp())
NAME_LIMIT, TITLE_LIMIT = 100, 200
NO_NAME, NO_SUBJECT = "sender not named", "(no subject)"

_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:(.*)")
_ID = re.compile(r"<([^<>]{1,998})>")
_AT = re.compile(r"\s+at\s+", re.IGNORECASE)  # how archives on the web hide an address
_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0<>()\",;:@]{1,64}(?:@|\s+at\s+)[^\x00-\x20\x7f-\xa0<>()\",;:@]{1,190}", re.IGNORECASE)
_COMMENT = re.compile(r"\(([^()]{1,200})\)\s*$")
_VIA = re.compile(r"\s+via\s+\S.*$", re.IGNORECASE)  # "Pat Doe via Our List": what lists write for strict domains
_REPLY = re.compile(r"(?:re|aw|sv|vs|antw|rif|odp|res|fwd?|wg|tr|enc)\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s*[:：]\s*", re.IGNORECASE)
_TAG = re.compile(r"\[([^\[\]]{1,60})\]\s*")
_FORWARDED = re.compile(r"\[\s*fwd?\s*:\s*(.{1,300})\]\s*$|(.{1,300}?)\s*\(fwd\)\s*$", re.IGNORECASE)


class Author(NamedTuple):
    """`address` is empty where none can be read."""

    name: str
    address: str


class Subject(NamedTuple):
    """`words` without reply marks and tags, for comparing; `title` with the tags that are not the list's own."""

    words: str
    is_reply: bool
    tags: tuple[str, ...]


def split(raw: bytes) -> tuple[bytes, bytes]:
    """A message's header and what comes after it."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw
    found = _END.search(raw, 0, MOST_HEADER)
    return (raw[: found.start()], raw[found.end() :]) if found else (raw[:MOST_HEADER], b"")


def fields(header: bytes) -> dict[str, str]:
    """Each field's value by its name in lower case, unfolded; of one that comes twice the first."""
    found: dict[str, str] = {}
    name = ""
    for line in decoded(header).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in (" ", "\t"):
            if name:
                found[name] += " " + line.strip()
        elif matched := _FIELD.match(line):
            name = matched[1].lower()
            if name in found:
                name = ""
            else:
                found[name] = matched[2].strip()
        else:
            name = ""
    return found


def moment(value: str, now: int) -> int | None:
    """The seconds since 1970 that a Date field says; None for none, a broken one, one before mail, or the future."""
    try:
        parsed = parsedate_tz(value)
        at = int(mktime_tz(parsed)) if parsed is not None and _is_time(parsed) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at is not None and OLDEST <= at <= now else None


def _is_time(parsed: tuple[int | None, ...]) -> bool:
    """Python counts the 99th of March on into June."""
    _, _, day, hour, minute, second = (part or 0 for part in parsed[:6])
    return 1 <= day <= 31 and hour < 24 and minute < 60 and second < 62 and abs(parsed[9] or 0) <= 15 * 3600


# What belongs together ------------------------------------------------------------------------------------------------------


def own_id(found: dict[str, str]) -> str:
    """The message's id without its brackets; empty where it has none."""
    return next(iter(_ids(found.get("message-id", ""))), "")


def answered_ids(found: dict[str, str]) -> list[str]:
    """The ids of what it answers, the nearest last."""
    ids = [*_ids(found.get("references", "")), *_ids(found.get("in-reply-to", ""))[:1]]
    kept = dict.fromkeys(reversed(ids))
    return list(reversed([*list(kept)[: MOST_REFERENCES - 1], *list(kept)[MOST_REFERENCES - 1 :][-1:]]))


def _ids(value: str) -> list[str]:
    found = _ID.findall(value)
    if not found and "@" in value and " " not in value and "<" not in value:
        found = [value]
    plain = ("".join(_AT.sub("@", one).split()) for one in found)
    return [one for one in plain if one]


def key_of(*said: str | bytes) -> bytes:
    """A short hash that stands for an id, or for all that a message says."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in said:
        data = part.encode("utf-8", "replace") if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.digest()


def subject(value: str) -> Subject:
    words, is_reply, tags = _spaced(value), False, []
    for _ in range(40):
        if reply := _REPLY.match(words):
            words, is_reply = words[reply.end() :], True
        elif forwarded := _FORWARDED.match(words):
            words, is_reply = _spaced(forwarded[1] or forwarded[2]), True
        elif (tag := _TAG.match(words)) and tag.end() < len(words):
            words = words[tag.end() :]
            tags.append(tag[1].strip())
        else:
            break
    return Subject(words.casefold(), is_reply, tuple(tags))


def title(value: str, of_list: frozenset[str]) -> str:
    """A thread's title: the subject without reply marks and the list's own tags."""
    words = _spaced(value)
    kept = ""
    for _ in range(40):
        if reply := _REPLY.match(words):
            words = words[reply.end() :]
        elif (tag := _TAG.match(words)) and tag.end() < len(words):
            words = words[tag.end() :]
            kept += "" if tag[1].strip() in of_list else tag[0]
        else:
            break
    return one_line(kept + words, TITLE_LIMIT) or NO_SUBJECT


def _spaced(value: str) -> str:
    return one_line(header_text(value[:4000]), 1000)


# Who wrote it ---------------------------------------------------------------------------------------------------------------


def author(found: dict[str, str]) -> Author:
    """Whose message it is. The name never is an address: of someone who gave none it is what stands before the @."""
    value = found.get("from") or found.get("sender") or ""
    name, address = _parted(value[:2000])
    if _VIA.search(name):
        name = _VIA.sub("", name)
        address = _parted((found.get("x-original-from") or found.get("reply-to") or "")[:2000])[1] or address
    if not name or _ADDRESS.search(name):
        name = address.partition("@")[0]
    return Author(one_line(name, NAME_LIMIT).strip("'\"<> ") or NO_NAME, address)


def _parted(value: str) -> tuple[str, str]:
    """The name and the address of "Name" <address>, address (Name), or of an address alone."""
    angle = _ID.search(value)
    if angle:
        name, inside = value[: angle.start()], angle[1]
    elif comment := _COMMENT.search(value):
        name, inside = comment[1], value[: comment.start()]
    else:
        name, inside = value, value
    found = _ADDRESS.search(inside)
    address = _AT.sub("@", found[0]).lower() if found else ""
    name = header_text(name.strip().strip('"').replace('\\"', '"')) if inside is not value or not found else ""
    return " ".join(name.split()).strip("'\" "), address
