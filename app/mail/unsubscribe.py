"""The stop link: names a member and a list, and is signed. Nothing is stored for it; a new serial makes all old links worthless."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass

from app.core.signing import Signer
from app.mail.lists import List

PURPOSE = "unsubscribe"
_FORM = struct.Struct(">BII")  # list, its number, member: no padding bits follow, so that each link has one spelling


@dataclass(frozen=True, slots=True)
class Link:
    """What a link speaks of. Whether it is genuine `is_genuine` says."""

    list: List
    number: int
    member_id: int


def _signed(body: bytes, serial: int) -> bytes:
    return body + serial.to_bytes(8, "big")


def token(signer: Signer, member_id: int, serial: int, of: List = List.DIGEST, number: int = 0) -> str:
    """The token for one of a member's lists: 256 bits that nobody can guess."""
    body = _FORM.pack(of, number, member_id)
    return base64.urlsafe_b64encode(body + signer.mac(PURPOSE, _signed(body, serial)) + b"\0").decode()


def link_of(text: str) -> Link | None:
    """What a token speaks of; None for what is no token."""
    raw = _raw(text)
    if raw is None:
        return None
    of, number, member_id = _FORM.unpack(raw[: _FORM.size])
    return Link(List(of), number, member_id) if of in set(List) else None


def is_genuine(signer: Signer, text: str, serial: int) -> bool:
    raw = _raw(text)
    return raw is not None and signer.verify(PURPOSE, _signed(raw[: _FORM.size], serial), raw[_FORM.size : -1])


def _raw(text: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return raw if len(raw) == _FORM.size + 33 and raw[-1] == 0 and base64.urlsafe_b64encode(raw).decode() == text else None
