"""The key file: one key a line, 32 bytes in base64. The first wraps new data keys, all unwrap; lines that begin with # say what it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from app.core.errors import Refusal

KEY_BYTES, NONCE_BYTES, NAME_BYTES = 32, 12, 8
_PURPOSE = b"squadroom data key\0"


class Unreadable(Refusal):
    """A sealed file that no key opens, or that is not as it was written: nothing of it is given out."""

    status, title = 409, "This file can't be opened"


class KeyMissing(Refusal):
    """There is no usable key, and none is made in the place of one that sealed something."""

    status, title = 503, "Files can't be taken at the moment"


class KeyRing:
    """The keys of one key file, the first of them in use."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys

    def wrap(self, data_key: bytes, name: str) -> bytes:
        """The data key, sealed for the file of this name: the wrapping key's own name, a nonce, the ciphertext."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # late: 40 ms at start that most processes never need

        nonce, key = secrets.token_bytes(NONCE_BYTES), self._keys[0]
        return _name_of(key) + nonce + AESGCM(key).encrypt(nonce, data_key, _PURPOSE + name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = next((key for key in self._keys if _name_of(key) == wrapped[:NAME_BYTES]), None)
        if key is None:
            raise Unreadable("The key that this file was sealed with is not in the key file.")
        nonce, sealed = wrapped[NAME_BYTES : NAME_BYTES + NONCE_BYTES], wrapped[NAME_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, _PURPOSE + name.encode())
        except InvalidTag:
            raise Unreadable("This file's record was changed.") from None


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"squadroom key name\0" + key).digest()[:NAME_BYTES]


def read_keys(path: Path, *, may_make: bool) -> KeyRing:
    """The keys in this file. If there is no file, one is made (0600), but only while nothing is sealed with a key that was lost."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        if not may_make:
            raise KeyMissing("The key of the evidence store is missing. Tell whoever runs the server.") from None
        _make(path)
        text = path.read_text()
    except OSError:
        raise KeyMissing("The key of the evidence store can't be read. Tell whoever runs the server.") from None
    return KeyRing(_parsed(text))


def _parsed(text: str) -> tuple[bytes, ...]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = tuple(base64.b64decode(line.replace("-", "+").replace("_", "/"), validate=True) for line in lines)
    except (binascii.Error, ValueError):
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyMissing("The key file of the evidence store holds no usable key. Tell whoever runs the server.")
    return keys


def new_key() -> str:
    """A line for a key file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _make(path: Path) -> None:
    """Also when two processes start at once: the file is whole before it has its name, and whoever is second takes the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"# Opens the evidence store. Keep a copy where no backup of the data goes.\n{new_key()}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
