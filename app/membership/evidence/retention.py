"""The worker's part: images of identity documents go 30 days after the decision, and files that no case refers to go after an hour."""

from __future__ import annotations

from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.leftovers import take_away
from app.membership.evidence import access
from app.membership.evidence.intake import vault_of


def run(db: Database, settings: Settings) -> int:
    """How many files were deleted. What can't be done now is done the next time."""
    return forget(db, settings) + take_away(db, vault_of(settings), access.kept_names)


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
