"""The two ceremonies of WebAuthn: what a device is asked, and whether its answer holds. Knows no tables.

The library is imported late: it takes half a second, and most processes never see a passkey.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.core.config import Settings

TIMEOUT = 300_000  # milliseconds that a browser waits for the device
ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256
LONGEST = 20_000  # characters of an answer; real ones have some hundreds
TRANSPORTS = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")


class Unusable(Exception):
    """An answer that proves nothing. The reason is for the log, not for who sent it."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: this site, by its exact address. A passkey for one name is never shown to another."""

    rp_id: str
    origin: str
    name: str = ""

    @classmethod
    def of(cls, settings: Settings, name: str = "") -> Party:
        return cls(urlsplit(settings.origin).hostname or "", settings.origin, name)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a new passkey is for, as their device will list it."""

    handle: bytes
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey's id, and how its device is reached."""

    credential_id: bytes
    transports: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, read but not believed."""

    body: dict[str, Any]
    credential_id: bytes
    challenge: bytes
    user_handle: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey that was proved."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: str
    is_synced: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What an answer that holds says about the device now."""

    sign_count: int
    is_backed_up: bool


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(text: object) -> bytes:
    if not isinstance(text, str):
        raise Unusable("malformed")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Unusable("malformed") from None


# What is asked --------------------------------------------------------------------------------------------------------------


def _descriptors(known: Sequence[Known]) -> list[dict[str, Any]]:
    return [
        {"type": "public-key", "id": text_of(one.credential_id), **({"transports": one.transports.split(",")} if one.transports else {})}
        for one in known
    ]


def to_show(party: Party, challenge: bytes, known: Sequence[Known] = ()) -> dict[str, Any]:
    """For `navigator.credentials.get`. With none known the device offers what it holds for this site: one tap."""
    return {
        "challenge": text_of(challenge), "rpId": party.rp_id, "timeout": TIMEOUT, "userVerification": "required",
        "allowCredentials": _descriptors(known),
    }  # fmt: skip


def to_add(party: Party, challenge: bytes, owner: Owner, known: Sequence[Known]) -> dict[str, Any]:
    """For `navigator.credentials.create`. Nothing is asked about the make of the device (attestation none)."""
    return {
        "challenge": text_of(challenge), "rp": {"id": party.rp_id, "name": party.name}, "timeout": TIMEOUT, "attestation": "none",
        "user": {"id": text_of(owner.handle), "name": owner.email, "displayName": owner.name},
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in ALGORITHMS],
        "authenticatorSelection": {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"},
        "excludeCredentials": _descriptors(known),
    }  # fmt: skip


# What is answered -----------------------------------------------------------------------------------------------------------


def read(text: str) -> Answer:
    """The parts that say which challenge and which passkey this is about. A frame of another site is refused here."""
    if len(text) > LONGEST:
        raise Unusable("malformed")
    try:
        body = json.loads(text)
        response = body["response"]
        client = json.loads(bytes_of(response["clientDataJSON"]))
        if client.get("crossOrigin") or not isinstance(body["id"], str):
            raise Unusable("origin")
        handle = response.get("userHandle")
        return Answer(body, bytes_of(body["id"]), bytes_of(client["challenge"]), bytes_of(handle) if handle else b"")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unusable("malformed") from None


def verify_shown(party: Party, answer: Answer, challenge: bytes, public_key: bytes) -> Proof:
    """Signed by this very key, for this site, with the owner verified by the device."""
    from webauthn import verify_authentication_response

    try:
        seen = verify_authentication_response(
            credential=answer.body, expected_challenge=challenge, expected_rp_id=party.rp_id, expected_origin=party.origin,
            credential_public_key=public_key, credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except Exception as error:  # the library lets several kinds through for bytes that are none of WebAuthn's
        raise Unusable(f"proof: {error}"[:200]) from None
    return Proof(seen.new_sign_count, seen.credential_backed_up)


def verify_made(party: Party, answer: Answer, challenge: bytes) -> Made:
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import CredentialDeviceType

    try:
        made = verify_registration_response(
            credential=answer.body, expected_challenge=challenge, expected_rp_id=party.rp_id, expected_origin=party.origin,
            require_user_verification=True, supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in ALGORITHMS],
        )  # fmt: skip
    except Exception as error:  # as above
        raise Unusable(f"proof: {error}"[:200]) from None
    if made.credential_id != answer.credential_id or len(made.credential_id) > 1023:
        raise Unusable("malformed")
    return Made(
        made.credential_id, made.credential_public_key, made.sign_count, _transports(answer.body),
        made.credential_device_type == CredentialDeviceType.MULTI_DEVICE, made.credential_backed_up,
    )  # fmt: skip


def _transports(body: dict[str, Any]) -> str:
    told = body["response"].get("transports")
    return ",".join(way for way in TRANSPORTS if isinstance(told, list) and way in told)
