"""Bytes of old mail as text, whatever they say they are. Nothing here raises."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
import unicodedata

from app.core.markup.limits import readable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,40}")
# Python has codecs of these names that are no charsets of mail.
_NO_CHARSET = re.compile(r"(?i)(?:raw.)?unicode.escape|undefined|idna|punycode|mbcs|oem")
# Programs that said one of these often sent another: what is UTF-8 by its bytes is UTF-8, all else is what Windows wrote.
_VAGUE = {"ascii", "iso8859-1", "cp1252", "utf-8"}
_ENCODED = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")


def decoded(data: bytes, charset: str = "") -> str:
    """The text; what can't be told is shown as Windows would have shown it."""
    name = _codec(charset)
    for attempt in ("utf-8", "cp1252") if name in _VAGUE else (name, "utf-8"):
        try:
            return data.decode(attempt)
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252" if name in _VAGUE else name, "replace")


def _codec(charset: str) -> str:
    """What Python calls it; the vague "ascii" for what nobody knows."""
    charset = charset.strip(" \t\"'")
    if not _NAME.fullmatch(charset) or _NO_CHARSET.fullmatch(charset):
        return "ascii"
    try:
        name = codecs.lookup(charset).name
        b"a".decode(name)
    except UnicodeError:  # half a letter, where each takes two bytes
        return name
    except (LookupError, ValueError):  # of others it says that they are no encodings of text
        return "ascii"
    return name


def header_text(value: str) -> str:
    """A header's value with its encoded words read (RFC 2047), also where they are cut or of an unknown charset."""
    joined = _BETWEEN.sub(r"\1", value)
    parts: list[tuple[str, bytes | str]] = []
    at = 0
    for found in _ENCODED.finditer(joined):
        if found.start() > at:
            parts.append(("", joined[at : found.start()]))
        charset, data = found[1].lower(), _unpacked(found[2], found[3])
        if parts and parts[-1][0] == charset and found.start() == at:
            parts[-1] = (charset, bytes(parts[-1][1]) + data)  # type: ignore[arg-type]  # a letter may be cut between two words
        else:
            parts.append((charset, data))
        at = found.end()
    parts.append(("", joined[at:]))
    return "".join(part if isinstance(part, str) else decoded(part, charset) for charset, part in parts)


def _unpacked(how: str, packed: str) -> bytes:
    data = packed.encode("utf-8", "replace")
    if how in "qQ":
        return quopri.decodestring(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return data


def one_line(text: str, limit: int) -> str:
    """Text for a title or a name: on one line, without what can't be shown, at most `limit` characters."""
    line = " ".join(unicodedata.normalize("NFC", readable(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
