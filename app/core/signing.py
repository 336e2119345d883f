"""Tokens, keyed hashes and encryption at rest. Keys come from SECRET_KEY: the first signs and seals, all are tried to read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


def new_token(bits: int = 256) -> str:
    """A random token for a link or a cookie, URL-safe."""
    return secrets.token_urlsafe(bits // 8)


def token_hash(token: str) -> bytes:
    """How a token is stored. Tokens are random and long, so a plain hash is enough and can be looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Signer:
    """Derives one key a purpose from each secret key, so that a value made for one use is worth nothing in another."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys

    def _derived(self, key: str, purpose: str) -> bytes:
        return hmac.digest(key.encode(), f"squadroom:{purpose}".encode(), "sha256")

    @cached_property
    def _purposes(self) -> dict[str, bytes]:
        return {}

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA256 with the first key: 32 bytes."""
        key = self._purposes.get(purpose)
        if key is None:
            key = self._purposes[purpose] = self._derived(self._keys[0], purpose)
        return hmac.digest(key, message, "sha256")

    def verify(self, purpose: str, message: bytes, mac: bytes) -> bool:
        return any(hmac.compare_digest(hmac.digest(self._derived(k, purpose), message, "sha256"), mac) for k in self._keys)

    def verify_short(self, purpose: str, message: bytes, mac: bytes) -> bool:
        """The same for a MAC of which only the first bytes, 15 or more, are given out."""
        given = len(mac)
        return given >= 15 and any(
            hmac.compare_digest(hmac.digest(self._derived(k, purpose), message, "sha256")[:given], mac) for k in self._keys
        )

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """Encrypt for storage (AES-128-CBC with HMAC, Fernet)."""
        return self._fernets(purpose).encrypt(secret)

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made; cryptography.fernet.InvalidToken if no key fits."""
        return self._fernets(purpose).decrypt(sealed)

    def _fernets(self, purpose: str) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet  # late: 40 ms at start that most processes never need

        return MultiFernet([Fernet(base64.urlsafe_b64encode(self._derived(k, purpose))) for k in self._keys])
