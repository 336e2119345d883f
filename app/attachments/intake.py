"""How a file gets in: written as it comes, judged from what was written, and only then handed to the storage."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.attachments.kinds import GATE
from app.attachments.limits import MOST_AT_ONCE, MOST_BYTES, MOST_FILES
from app.core import files
from app.core.config import Settings
from app.core.errors import Invalid
from app.core.files import films
from app.core.ports.storage import PIECE, Storage
from app.core.storage import incoming, storage_of
from app.core.storage.parts import Part
from app.core.uploads import Taken, Takes

log = logging.getLogger(__name__)
KEPT_FREE = 500_000_000  # bytes on the disk, for the database
FILM = "video/mp4"


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file in the storage that no row refers to yet. The worker collects what is left behind (collecting.py)."""

    storage: Storage
    stored_as: str
    sha256: bytes
    name: str
    size: int
    media_type: str

    def discard(self) -> None:
        self.storage.remove(self.stored_as)


class Intake:
    def __init__(self, storage: Storage, folder: Path) -> None:
        self._storage, self._part = storage, Part(folder)

    def write(self, data: bytes) -> None:
        self._part.write(data)

    def finish(self, name: str) -> TakenFile:
        name = files.shown_name(name)
        with self._part.whole() as data:
            kind = GATE.judged(name, data)
            telling = films.telling(data) if kind.media_type == FILM else []
        for box in telling:
            self._blank(box)
        sha256 = self._part.close()
        return TakenFile(self._storage, self._storage.keep(self._part.path, sha256), sha256, name, self._part.size, kind.media_type)

    def _blank(self, box: films.Box) -> None:
        """Where and with what a film was made goes, as of a picture (H7); the boxes behind it stay where they are."""
        self._part.overwrite(box.at + 4, b"free")
        for at in range(box.at + box.head, box.at + box.size, PIECE):
            self._part.overwrite(at, bytes(min(PIECE, box.at + box.size - at)))

    def discard(self) -> None:
        self._part.discard()


def begin(settings: Settings) -> Intake:
    folder = incoming(settings)
    if shutil.disk_usage(folder).free < KEPT_FREE:
        log.error("no files are taken: the disk is nearly full")
        raise Invalid(file="Files can't be taken at the moment. Send your message without one, and add it later.")
    return Intake(storage_of(settings), folder)


def taken_of(sent: Sequence[Taken]) -> list[TakenFile]:
    """What a route that takes `FILES` or `ONE_FILE` was sent."""
    taken = [one for one in sent if isinstance(one, TakenFile)]
    assert len(taken) == len(sent)
    return taken


ONE_FILE = Takes(begin, MOST_BYTES)
FILES = Takes(begin, MOST_BYTES, count=MOST_FILES, in_all=MOST_AT_ONCE)
