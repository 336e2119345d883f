"""The form of a sealed file: chunks of AES-256-GCM. A chunk's nonce is its number and whether it is the last, and the file's name is
authenticated with each, so that a chunk changed, moved, left out, taken from another file, or an end cut off is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.core.vault.keys import Unreadable

CHUNK, TAG = 64 * 1024, 16
MAGIC = b"squadroom sealed 1\n"


def _nonce(number: int, is_last: bool) -> bytes:
    """Never the same twice under one key: each file has its own."""
    return number.to_bytes(11, "big") + bytes([is_last])


class Sealer:
    """Encrypts what is written to it, chunk by chunk, into `out`."""

    def __init__(self, out: BinaryIO, key: bytes, name: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # late, as in keys.py

        self._out, self._cipher, self._name = out, AESGCM(key), name.encode()
        self._held, self._number = bytearray(), 0
        out.write(MAGIC)

    def write(self, data: bytes) -> None:
        self._held += data
        while len(self._held) > CHUNK:  # the last chunk is only known when nothing follows it
            self._seal(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, data: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last), data, self._name))
        self._number += 1


def opened(source: BinaryIO, key: bytes, name: str) -> Iterator[bytes]:
    """The plaintext, chunk by chunk; Unreadable where it is not what was written."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, number = AESGCM(key), 0
    if source.read(len(MAGIC)) != MAGIC:
        raise Unreadable("This file was changed on the disk.")
    block = source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, not following), block, name.encode())
        except (InvalidTag, ValueError):
            raise Unreadable("This file was changed on the disk.") from None
        if not following:
            return
        block, number = following, number + 1
