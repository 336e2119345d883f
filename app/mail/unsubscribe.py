"""The stop link: names a member and a list, and is signed. Nothing is stored for it; a new serial makes all old links worthless."""

from __future__ import annotations

import base64
import binascii
import struct

from app.core.signing import Signer

PURPOSE = "unsubscribe"
DIGEST = 0  # the list a link stops; other numbers are for lists to come
_FORM = struct.Struct(">BII")  # list, its id, member: no padding bits follow, so that each link has one spelling


def _signed(body: bytes, serial: int) -> bytes:
    return body + serial.to_bytes(8, "big")


def token(signer: Signer, member_id: int, serial: int) -> str:
    """The token for a member's digest: 256 bits that nobody can guess."""
    body = _FORM.pack(DIGEST, 0, member_id)
    return base64.urlsafe_b64encode(body + signer.mac(PURPOSE, _signed(body, serial)) + b"\0").decode()


def member_of(text: str) -> int | None:
    """Which member a token speaks of; None for what is no token. Whether it is genuine `is_genuine` says."""
    raw = _raw(text)
    return None if raw is None else int(_FORM.unpack(raw[: _FORM.size])[2])


def is_genuine(signer: Signer, text: str, serial: int) -> bool:
    raw = _raw(text)
    if raw is None:
        return False
    body = raw[: _FORM.size]
    return body[0] == DIGEST and signer.verify(PURPOSE, _signed(body, serial), raw[_FORM.size : -1])


def _raw(text: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return raw if len(raw) == _FORM.size + 33 and raw[-1] == 0 and base64.urlsafe_b64encode(raw).decode() == text else None
