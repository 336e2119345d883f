"""The worker's part: each file is scanned, then worked on, and only then released. Pictures are handed out as they were encoded anew."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from app.attachments import access, owners
from app.attachments.clamd import scanner_of
from app.attachments.models import Attachment, AttachmentText, State
from app.attachments.workshop import CLEAN, TEXT, THUMB, Spoiled, work
from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.ports.scanner import Scanner, ScannerDown
from app.core.ports.storage import Missing, Storage
from app.core.storage import incoming, storage_of

log = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=6)  # longer than a scan and the workshop together
AGAIN = dt.timedelta(minutes=1)  # a held file is tried
MOST_TRIES = 4  # of a file in whose work the worker itself was lost
_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(slots=True)
class _Outcome:
    state: State
    why: str = ""
    picture: tuple[int, int] | None = None
    clean_as: str = ""
    clean_size: int = 0
    clean_sha256: bytes = b""
    thumb_as: str = ""
    text: str = ""


def run(db: Database, settings: Settings, stop: Event | None = None) -> int:
    """Look at every file that is due; how many there were."""
    checker, done = Checker(db, settings), 0
    while not (stop and stop.is_set()) and (file := checker.claim()) is not None:
        checker.check(file)
        done += 1
    return done


class Checker:
    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._storage: Storage = storage_of(settings)
        self._scanner: Scanner | None = scanner_of(settings)

    def claim(self) -> Attachment | None:
        with self._db.read() as conn:
            found = access.due(conn, clock.now())
        if found is None:
            return None
        with self._db.write() as session:
            file = access.file_to_check(session, found)
            if file is None or file.check_at is None or file.check_at > clock.now():
                return None  # another worker took it: the next look finds what is left
            file.check_at, file.tries = clock.now() + LEASE, file.tries + 1
            return file

    def check(self, file: Attachment) -> None:
        folder = incoming(self._settings)
        with tempfile.TemporaryDirectory(dir=folder) as work_folder:
            try:
                outcome = self._outcome(file, Path(work_folder))
            except ScannerDown as error:
                log.warning("a file is held: %s", error)
                outcome = _Outcome(State.HELD)
            except Missing:
                outcome = _Outcome(State.REFUSED, "It was lost. Please send it again.")
        self._settle(file, outcome)

    def _outcome(self, file: Attachment, folder: Path) -> _Outcome:
        if file.tries > MOST_TRIES:
            return _Outcome(State.REFUSED, "It could not be checked.")
        if self._scanner is not None and (found := self._scanner.scan(self._storage.read(file.stored_as))):
            return _Outcome(State.REFUSED, f"The virus scanner found {found[:200]}.")
        if file.media_type.startswith("image/"):
            return self._picture(file, folder)
        return _Outcome(State.READY, text=self._text(file, folder))

    def _picture(self, file: Attachment, folder: Path) -> _Outcome:
        try:
            found = work("picture", self._storage.read(file.stored_as), folder)
        except Spoiled as spoiled:
            return _Outcome(State.REFUSED, str(spoiled))
        size, sha256 = (folder / CLEAN).stat().st_size, _hash(folder / CLEAN)
        return _Outcome(
            State.READY, picture=(found["width"], found["height"]), clean_as=self._storage.keep(folder / CLEAN, sha256), clean_size=size,
            clean_sha256=sha256, thumb_as=self._storage.keep(folder / THUMB, _hash(folder / THUMB)),
        )  # fmt: skip

    def _text(self, file: Attachment, folder: Path) -> str:
        """For the search alone: where it can't be had the file is good all the same."""
        if file.media_type in ("text/plain", "text/csv"):
            return b"".join(self._storage.read(file.stored_as)).decode("utf-8", "replace")[:2_000_000]
        job = "pdf" if file.media_type == "application/pdf" else "office" if file.media_type.startswith(_OFFICE) else ""
        if job:
            try:
                work(job, self._storage.read(file.stored_as), folder)
            except Spoiled as spoiled:
                log.info("no text of attachment %d: %s", file.id, spoiled)
        text = folder / TEXT
        return text.read_text("utf-8") if text.is_file() else ""

    def _settle(self, file: Attachment, outcome: _Outcome) -> None:
        """Written in one transaction with what shows the file; the bytes that nobody needs go after it."""
        gone = [outcome.clean_as, outcome.thumb_as]
        with self._db.write() as session:
            row = access.file_to_check(session, file.id)
            if row is not None:
                gone = [row.stored_as] if outcome.state is State.REFUSED or outcome.clean_as else []
                self._note(row, outcome)
                if outcome.text.strip():
                    session.add(AttachmentText(attachment_id=row.id, text=outcome.text))
                if outcome.state is State.REFUSED:
                    audit.record(session, system("attachments"), "attachment.refuse", ("attachment", row.id), why=outcome.why)
                owners.changed(session, row.owner_kind, row.owner_id)
        for name in filter(None, gone):
            self._storage.remove(name)

    def _note(self, row: Attachment, outcome: _Outcome) -> None:
        row.state, row.why = outcome.state, outcome.why
        row.check_at = clock.now() + AGAIN if outcome.state is State.HELD else None
        row.tries = 0
        row.is_scanned = outcome.state is State.READY and self._scanner is not None
        if outcome.picture is not None:
            row.width, row.height = outcome.picture
            row.stored_as, row.size, row.sha256 = outcome.clean_as, outcome.clean_size, outcome.clean_sha256
            row.thumb_as = outcome.thumb_as
        if outcome.state is State.REFUSED:
            row.stored_as = ""


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
