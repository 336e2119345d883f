"""Membership's work for the worker."""

from __future__ import annotations

from typing import Any

from app.core import jobs
from app.core.db import Database
from app.membership.applications import operations


@jobs.handler("application.lapse")
def lapse(db: Database, payload: dict[str, Any]) -> None:
    with db.write() as session:
        operations.lapse(session, payload["id"])
