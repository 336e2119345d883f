"""The worker's part: images of identity documents go 30 days after the decision, and files that no case refers to go after an hour."""

from __future__ import annotations

import datetime as dt
import itertools

from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.membership.evidence import access
from app.membership.evidence.intake import vault_of

LEFT_BEHIND = dt.timedelta(hours=1)  # a form that brings a file is answered long before


def run(db: Database, settings: Settings) -> int:
    """How many files were deleted. What can't be done now is done the next time."""
    return forget(db, settings) + collect(db, settings)


def forget(db: Database, settings: Settings) -> int:
    """First the row: its key is emptied, and without it the bytes are noise; then the bytes."""
    vault, done = vault_of(settings), 0
    while due := _due(db):
        for file_id, stored_as in due:
            with db.write() as session:
                file = access.file_to_delete(session, file_id)
                if file is not None:
                    file.deleted_at, file.sealed_key = clock.now(), b""
                    audit.record(session, system("evidence"), "evidence.delete", ("application", file.application_id), file=file_id)
            vault.remove(stored_as)
            done += 1
    return done


def _due(db: Database) -> list[tuple[int, str]]:
    with db.read() as conn:
        return [(row.id, row.stored_as) for row in conn.execute(access.due(clock.now()))]


def collect(db: Database, settings: Settings) -> int:
    """Files without a row: of an act that was refused or never came, and of a row that was deleted before its bytes were."""
    vault, done = vault_of(settings), 0
    names = vault.names(clock.now() - LEFT_BEHIND)
    while some := list(itertools.islice(names, 500)):
        with db.read() as conn:
            kept = access.kept_names(conn, some)
        for name in set(some) - kept:
            vault.remove(name)
            done += 1
    return done
