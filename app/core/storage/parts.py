"""A file while it comes in: written to this machine's disk as it comes, read back to be judged, then handed to the storage."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

from app.core.files.builds import Data
from app.core.ports.storage import PIECE


class Part:
    def __init__(self, folder: Path) -> None:
        self.path = folder / secrets.token_hex(16)
        self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)

    @contextmanager
    def whole(self) -> Iterator[Data]:
        """All that was written, as the disk has it: only what is looked at comes into memory."""
        self._file.flush()
        if not self.size:
            yield b""
            return
        with mmap(self._file.fileno(), 0, access=ACCESS_READ) as data:
            yield data

    def overwrite(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        self._file.write(data)

    def close(self) -> bytes:
        """Nothing more is written; its hash."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.seek(0)
        found = hashlib.sha256()
        while piece := self._file.read(PIECE):
            found.update(piece)
        self._file.close()
        return found.digest()

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)
