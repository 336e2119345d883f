"""Membership's work for the worker."""

from __future__ import annotations

from typing import Any

from app.core import jobs
from app.core.db import Database
from app.membership.applications import operations, unanswered
from app.membership.roster_file import answering


def register() -> None:
    """Called once at start-up: a kind of job that nobody registered fails."""
    jobs.handler("application.lapse")(lapse)
    answering.register()
    unanswered.register()


def lapse(db: Database, payload: dict[str, Any]) -> None:
    """An application whose address nobody confirmed in time."""
    with db.write() as session:
        operations.lapse(session, payload["id"])
