"""A passkey device in software: what a browser and an authenticator do together, with every part open to be spoilt."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.world import ORIGIN, Client

RP_ID = "localhost"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftKey:
    """One passkey. `spoil` is what it does wrong: origin, rp_id, challenge, flags, type, cross_origin, signed_by, user_handle."""

    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes = b""
    count: int = 0
    counts: bool = True

    def make(self, options: dict[str, Any], **spoil: Any) -> str:
        """`navigator.credentials.create` and what our script sends of it."""
        self.user_handle = raw(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._data(spoil, UP | UV | AT) + attested
        answer = {
            "clientDataJSON": text(self._client("webauthn.create", options, spoil)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "made-up"],
        }
        return self._sent(answer)

    def show(self, options: dict[str, Any], **spoil: Any) -> str:
        """`navigator.credentials.get`."""
        self.count += 1 if self.counts else 0
        client, data = self._client("webauthn.get", options, spoil), self._data(spoil, UP | UV)
        key = spoil.get("signed_by", self.key)
        answer = {
            "clientDataJSON": text(client), "authenticatorData": text(data),
            "signature": text(key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))),
            "userHandle": text(spoil.get("user_handle", self.user_handle)),
        }  # fmt: skip
        return self._sent(answer)

    def _client(self, kind: str, options: dict[str, Any], spoil: dict[str, Any]) -> bytes:
        said = {
            "type": spoil.get("type", kind), "challenge": spoil.get("challenge", options["challenge"]),
            "origin": spoil.get("origin", ORIGIN), "crossOrigin": spoil.get("cross_origin", False),
        }  # fmt: skip
        return json.dumps(said).encode()

    def _data(self, spoil: dict[str, Any], flags: int) -> bytes:
        rp_id = spoil.get("rp_id", RP_ID)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([spoil.get("flags", flags)]) + self.count.to_bytes(4, "big")

    def _sent(self, answer: dict[str, Any]) -> str:
        return json.dumps({"id": text(self.credential_id), "rawId": text(self.credential_id), "type": "public-key", "response": answer})


def asked(client: Client, path: str, page: str) -> dict[str, Any]:
    """The options that our script fetches before it asks the device."""
    answer = client.request("POST", path, headers={"x-csrf-token": client.csrf(page), "origin": ORIGIN})
    assert answer.status_code == 200, answer.text
    return answer.json()


def one_tap(client: Client, key: SoftKey, options: dict[str, Any] | None = None, **spoil: Any) -> httpx.Response:
    options = options or asked(client, "/sign-in/challenge", "/sign-in")
    return client.post("/sign-in", {"consent": "yes", "credential": key.show(options, **spoil)}, page="/sign-in")


ADD = "/settings/sign-in/passkeys"


def add(client: Client, key: SoftKey, name: str = "Phone", options: dict[str, Any] | None = None, **spoil: Any) -> httpx.Response:
    options = options or asked(client, f"{ADD}/challenge", ADD)
    return client.post(ADD, {"name": name, "credential": key.make(options, **spoil)}, page=ADD)


def with_passkey(client: Client, **values: Any) -> SoftKey:
    """A passkey that this signed-in person added in the settings."""
    key = SoftKey(**values)
    assert add(client, key).status_code == 303
    return key
