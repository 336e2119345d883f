"""The worker's part: files that no message has after a day, and bytes that no row refers to after an hour, are taken away."""

from __future__ import annotations

import shutil

from app.attachments import access
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.leftovers import LEFT_BEHIND, take_away
from app.core.storage import incoming, storage_of


def run(db: Database, settings: Settings) -> int:
    """How many files were taken away. What can't be done now is done the next time."""
    return drop_unused(db) + take_away(db, storage_of(settings), access.kept_names) + sweep(settings)


def drop_unused(db: Database) -> int:
    """The rows; their bytes are then of no row, and go with the others."""
    done = 0
    with db.read() as conn:
        due = access.unused(conn, clock.now())
    for attachment_id in due:
        with db.write() as session:
            file = access.file_to_drop(session, attachment_id)
            if file is not None:  # else it was posted at this very moment
                session.delete(file)
                done += 1
    return done


def sweep(settings: Settings) -> int:
    """What uploads that broke off, and workshops that were lost, left on this machine."""
    done = 0
    for path in incoming(settings).iterdir():
        if path.stat().st_mtime < (clock.now() - LEFT_BEHIND).timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            done += 1
    return done
