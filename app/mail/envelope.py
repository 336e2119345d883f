"""The envelope's sender: `bounce+TOKEN@REPLY_DOMAIN`, one for each message that leaves, so that what comes back says by itself which
message and whose it was. The token is the outbox row's number, signed; nothing is stored for it (M10)."""

from __future__ import annotations

import base64
import binascii
import re

from app.core.signing import Signer

PURPOSE = "bounce"
_NUMBER, _MAC = 5, 15  # bytes: 32 characters of base32, without padding
_LOCAL = re.compile(r"bounce\+([a-z2-7]{32})", re.IGNORECASE | re.ASCII)
_OURS = re.compile(r"bounce\+", re.IGNORECASE)


def sender(signer: Signer, outbox_id: int, domain: str) -> str:
    number = outbox_id.to_bytes(_NUMBER, "big")
    return f"bounce+{base64.b32encode(number + signer.mac(PURPOSE, number)[:_MAC]).decode().lower()}@{domain}"


def is_for(local: str) -> bool:
    """Whether it is written like such an address, genuine or not."""
    return _OURS.match(local) is not None


def outbox_id(signer: Signer, local: str) -> int | None:
    """Which message the part before the @ speaks of; None for one that we never gave out."""
    found = _LOCAL.fullmatch(local)
    if found is None:
        return None
    try:
        raw = base64.b32decode(found[1].upper())
    except binascii.Error:
        return None
    number, mac = raw[:_NUMBER], raw[_NUMBER:]
    return int.from_bytes(number, "big") if signer.verify_short(PURPOSE, number, mac) else None
