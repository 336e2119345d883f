"""The folder of sealed files: written under a random name, read whole or not at all, taken away."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.vault.keys import KEY_BYTES, KeyRing, Unreadable, read_keys
from app.core.vault.sealed import Sealer, opened

PART = ".part"  # while a file is written


@dataclass(frozen=True, slots=True)
class Stored:
    """A sealed file: what its row must keep to open it again. `size` and `sha256` are the plaintext's."""

    name: str
    key: bytes  # wrapped
    size: int
    sha256: bytes


class Writing:
    """A file on its way in. `finish` makes it last; until then, and after `discard`, there is nothing to find."""

    def __init__(self, folder: Path, ring: KeyRing) -> None:
        self.name = secrets.token_hex(16)
        self._path = folder / (self.name + PART)
        key = secrets.token_bytes(KEY_BYTES)
        self._key, self._wrapped = key, ring.wrap(key, self.name)
        self._hash, self.size = hashlib.sha256(), 0
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._sealer = Sealer(self._file, key, self.name)

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self.size += len(data)
        self._sealer.write(data)

    def close(self) -> None:
        """All of it was written."""
        self._sealer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def plaintext(self) -> bytes:
        """What was written, read back: to be judged before it is kept."""
        with self._path.open("rb") as file:
            return b"".join(opened(file, self._key, self.name))

    def finish(self) -> Stored:
        self._path.rename(self._path.with_name(self.name))
        return Stored(self.name, self._wrapped, self.size, self._hash.digest())

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


class Vault:
    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder, self._key_file = folder, key_file

    def begin(self) -> Writing:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Writing(self._folder, self._ring())

    def read(self, stored: Stored) -> Iterator[bytes]:
        """The plaintext in pieces, of a file that was read through once before, so that nothing of a changed one is given out."""
        key, path = self._ring().unwrap(stored.key, stored.name), self._folder / stored.name
        found = hashlib.sha256()
        for piece in _pieces(path, key, stored.name):
            found.update(piece)
        if found.digest() != stored.sha256:
            raise Unreadable("This file is not the one that was added.")
        return _pieces(path, key, stored.name)

    def opens(self, stored: Stored) -> bool:
        """Whether the key file has the key of this file."""
        try:
            self._ring().unwrap(stored.key, stored.name)
        except Unreadable:
            return False
        return True

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def names(self, before: dt.datetime) -> Iterator[str]:
        """The files that were last written before this moment, also those that were never finished."""
        if not self._folder.is_dir():
            return
        for name in os.listdir(self._folder):
            with suppress(FileNotFoundError):  # taken away meanwhile
                if (self._folder / name).stat().st_mtime < before.timestamp():
                    yield name

    def _ring(self) -> KeyRing:
        """Read anew each time: it is a short file, and a key that was added counts at once."""
        return read_keys(self._key_file, may_make=not self._holds_something())

    def _holds_something(self) -> bool:
        return self._folder.is_dir() and bool(os.listdir(self._folder))


def _pieces(path: Path, key: bytes, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from opened(file, key, name)
    except FileNotFoundError:
        raise Unreadable("This file is missing on the disk.") from None
