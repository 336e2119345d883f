"""A message as a mail server hands it over, and what it is answered."""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass

MOST_BYTES = 25_000_000
_ADDRESS = re.compile(r"\s*<?\s*([^\s<>@]{1,128})@([^\s<>@]{1,253})\s*>?\s*")
_BODY = re.compile(rb"\r?\n\r?\n")
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(\S{1,300})", re.IGNORECASE | re.MULTILINE)


class Answer(enum.IntEnum):
    """By their exit codes (sysexits.h), which a pipe transport understands."""

    TAKEN = 0
    NO_SUCH_ADDRESS = 67
    TRY_LATER = 75
    REFUSED = 77


@dataclass(frozen=True, slots=True)
class Envelope:
    sender: str
    recipient: str
    raw: bytes

    @property
    def local(self) -> str:
        """Before the @; empty for what is no address."""
        found = _ADDRESS.fullmatch(self.recipient)
        return found[1] if found else ""

    @property
    def domain(self) -> str:
        found = _ADDRESS.fullmatch(self.recipient)
        return found[2].lower() if found else ""

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}".lower()

    @property
    def header(self) -> bytes:
        """The message without its body."""
        return _BODY.split(self.raw[:64_000], maxsplit=1)[0] + b"\r\n\r\n"

    @property
    def message_id(self) -> str:
        head = self.raw[:64_000].split(b"\n\n", 1)[0]
        found = _MESSAGE_ID.search(head)
        return found[1].decode("ascii", "replace") if found else ""

    @property
    def print(self) -> bytes:
        """The same for the same message, however often and over whichever servers it comes: their traces stand in the header."""
        parts = _BODY.split(self.raw, maxsplit=1)
        body = parts[1] if len(parts) > 1 else self.raw
        known = "\0".join((self.address, self.message_id)).encode("utf-8", "replace")
        return hashlib.sha256(known + b"\0" + hashlib.sha256(body).digest()).digest()
