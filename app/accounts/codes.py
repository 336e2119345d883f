"""Codes that people copy by hand: recovery codes and enrolment codes. Base32 in groups of four, stored as hashes."""

from __future__ import annotations

import base64
import secrets

from app.core.signing import token_hash

GROUP = 4
RECOVERY_CODES = 10


def new_code() -> str:
    """80 random bits as `ABCD-EFGH-IJKL-MNOP` (A9 asks for 64)."""
    return grouped(base64.b32encode(secrets.token_bytes(10)).decode(), "-")


def new_enrolment_code() -> str:
    """100 random bits in five groups: shown once on a screen, to be written down."""
    return enrolment_code_of(secrets.token_bytes(13))


def enrolment_code_of(random: bytes) -> str:
    """The enrolment code of 13 random bytes or more."""
    return grouped(base64.b32encode(random[:13]).decode()[:20], "-")


def grouped(text: str, gap: str = " ") -> str:
    return gap.join(text[i : i + GROUP] for i in range(0, len(text), GROUP))


def as_stored(code: str) -> str:
    """A code as typed, without what people add: spaces, dashes, small letters."""
    return "".join(c for c in code.upper() if c.isalnum())


def code_hash(code: str) -> bytes:
    """How an enrolment or recovery code is stored and looked up: the same for every way to type it."""
    return token_hash(as_stored(code))
