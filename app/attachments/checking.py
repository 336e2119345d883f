"""The worker's part: each file is scanned, then worked on, and only then released. Pictures are handed out as they were encoded anew.
What was released is scanned again each day, since scanners learn (H9)."""

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
from app.attachments.kinds import PDF, is_document
from app.attachments.models import Attachment, AttachmentText, State
from app.attachments.workshop import BARE, CLEAN, TEXT, THUMB, Spoiled, work
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
DAILY, LATER = dt.timedelta(days=1), dt.timedelta(hours=1)  # a released file is scanned again; when the scanner was down
MOST_TRIES = 4  # of a file in whose work the worker itself was lost


@dataclass(frozen=True, slots=True)
class _Said:
    """What a document says of people (None: that can't be told), and its copy that doesn't, if it says anything."""

    says: list[list[str]] | None = None
    bare_as: str = ""
    bare_size: int | None = None
    bare_sha256: bytes | None = None


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
    said: _Said | None = None  # None: as the row has it
    after: dt.timedelta | None = None  # when it is looked at again


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
                log.warning("attachment %d waits for the scanner: %s", file.id, error)
                outcome = self._unscanned(file)
            except Missing:
                outcome = _Outcome(State.REFUSED, "It was lost. Please send it again.")
        self._settle(file, outcome)

    def _outcome(self, file: Attachment, folder: Path) -> _Outcome:
        if file.tries > MOST_TRIES:
            return _Outcome(State.REFUSED, "It could not be checked.")
        if self._scanner is not None and (found := self._scanner.scan(self._storage.read(file.stored_as))):
            return _Outcome(State.REFUSED, f"The virus scanner found {found[:200]}.")
        if file.media_type.startswith("image/") and file.state != State.READY:
            return self._picture(file, folder)
        text = self._text(file, folder) if file.state != State.READY else ""
        return _Outcome(State.READY, text=text, said=self._said(file, folder), after=self._next)

    @property
    def _next(self) -> dt.timedelta | None:
        return DAILY if self._scanner is not None else None

    def _unscanned(self, file: Attachment) -> _Outcome:
        """What was clean yesterday is not taken away for a scanner that is down."""
        if file.state == State.READY:
            return _Outcome(State.READY, after=LATER)
        return _Outcome(State.HELD, after=AGAIN)

    def _said(self, file: Attachment, folder: Path) -> _Said | None:
        if file.says is not None:
            return None
        if not is_document(file.media_type):
            return _Said([])
        try:
            found = work("says", self._storage.read(file.stored_as), folder)
        except Spoiled as spoiled:
            log.info("what attachment %d says is not known: %s", file.id, spoiled)
            return _Said()
        bare = folder / BARE
        if not found["is_bare"]:
            return _Said(found["says"])
        size, sha256 = bare.stat().st_size, _hash(bare)
        return _Said(found["says"], self._storage.keep(bare, sha256), size, sha256)

    def _picture(self, file: Attachment, folder: Path) -> _Outcome:
        try:
            found = work("picture", self._storage.read(file.stored_as), folder)
        except Spoiled as spoiled:
            return _Outcome(State.REFUSED, str(spoiled))
        size, sha256 = (folder / CLEAN).stat().st_size, _hash(folder / CLEAN)
        return _Outcome(
            State.READY, picture=(found["width"], found["height"]), clean_as=self._storage.keep(folder / CLEAN, sha256), clean_size=size,
            clean_sha256=sha256, thumb_as=self._storage.keep(folder / THUMB, _hash(folder / THUMB)), said=_Said([]), after=self._next,
        )  # fmt: skip

    def _text(self, file: Attachment, folder: Path) -> str:
        """For the search alone: where it can't be had the file is good all the same."""
        if file.media_type in ("text/plain", "text/csv"):
            return b"".join(self._storage.read(file.stored_as)).decode("utf-8", "replace")[:2_000_000]
        if is_document(file.media_type):
            try:
                work("pdf" if file.media_type == PDF else "office", self._storage.read(file.stored_as), folder)
            except Spoiled as spoiled:
                log.info("no text of attachment %d: %s", file.id, spoiled)
        text = folder / TEXT
        return text.read_text("utf-8") if text.is_file() else ""

    def _settle(self, file: Attachment, outcome: _Outcome) -> None:
        """Written in one transaction with what shows the file; the bytes that nobody needs go after it."""
        gone = [outcome.clean_as, outcome.thumb_as, outcome.said.bare_as if outcome.said else ""]
        with self._db.write() as session:
            row = access.file_to_check(session, file.id)
            if row is not None:
                was = row.state
                gone = [row.stored_as] if outcome.clean_as else []
                if outcome.state is State.REFUSED:
                    gone = [row.stored_as, row.thumb_as, row.bare_as]
                    audit.record(session, system("attachments"), "attachment.refuse", ("attachment", row.id), why=outcome.why)
                self._note(row, outcome)
                if outcome.text.strip():
                    session.add(AttachmentText(attachment_id=row.id, text=outcome.text))
                if row.state != was or was != State.READY:
                    owners.changed(session, row.owner_kind, row.owner_id)
        for name in filter(None, gone):
            self._storage.remove(name)

    def _note(self, row: Attachment, outcome: _Outcome) -> None:
        row.state, row.why = outcome.state, outcome.why
        row.check_at = clock.now() + outcome.after if outcome.after is not None else None
        if outcome.said is not None:
            said = outcome.said
            row.says, row.bare_as, row.bare_size, row.bare_sha256 = said.says, said.bare_as, said.bare_size, said.bare_sha256
        row.tries = 0
        row.is_scanned = outcome.state is State.READY and (outcome.after == DAILY or row.is_scanned)
        if outcome.picture is not None:
            row.width, row.height = outcome.picture
            row.stored_as, row.size, row.sha256 = outcome.clean_as, outcome.clean_size, outcome.clean_sha256
            row.thumb_as = outcome.thumb_as
        if outcome.state is State.REFUSED:
            row.stored_as = row.thumb_as = row.bare_as = ""


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
