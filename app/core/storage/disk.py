"""Files in a folder, two letters of the hash to a subfolder."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.core.ports.storage import PIECE, Missing


class DiskStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, part: Path, sha256: bytes) -> str:
        name = f"{sha256.hex()}-{secrets.token_hex(8)}"
        to = self._path(name)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            part.rename(to)
        except OSError:  # another disk
            shutil.copyfile(part, to)
            part.unlink()
        return name

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        try:
            file = self._path(name).open("rb")
        except FileNotFoundError:
            raise Missing(name) from None
        return _pieces(file, start, length)

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self, before: dt.datetime) -> Iterator[str]:
        if not self.folder.is_dir():
            return
        for folder in sorted(self.folder.iterdir()):
            for name in os.listdir(folder) if folder.is_dir() else ():
                with suppress(FileNotFoundError):  # taken away meanwhile
                    if (folder / name).stat().st_mtime < before.timestamp():
                        yield name

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _pieces(file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while piece := file.read(PIECE if left is None else min(PIECE, left)):
            if left is not None:
                left -= len(piece)
            yield piece
