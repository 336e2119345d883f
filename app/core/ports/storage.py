"""Where members' files lie: a folder, or a bucket. A stored file is never changed; it is written once, read, and taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

PIECE = 262_144  # bytes read at a time


class Missing(Exception):
    """The row is there, the file is not."""


class Storage(Protocol):
    def keep(self, part: Path, sha256: bytes) -> str:
        """Take over a finished file of this machine; the name it has from now on: its hash, and something that nobody can guess."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes in pieces. Missing is raised at once, not in the middle."""

    def remove(self, name: str) -> None: ...

    def names(self, before: dt.datetime) -> Iterator[str]:
        """The files that were stored before this moment."""
