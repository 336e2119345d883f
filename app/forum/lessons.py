"""The worker's part for lessons: their authors are asked whether they are still true, and agencies how it went."""

from __future__ import annotations

from app.core.db import Database
from app.forum.adoptions import asking
from app.forum.practices import reviews


def run(db: Database) -> int:
    """How many were due."""
    return reviews.run(db) + asking.run(db)
