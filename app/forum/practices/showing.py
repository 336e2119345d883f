"""What a lesson's page shows of its record, and what the composer needs to take one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row

from app.core import clock
from app.core.access import Actor
from app.forum import access as forum
from app.forum.models import ThreadKind
from app.forum.practices import access
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES, YEAR, is_stale

NAMES = {
    "again_options": [("", "Not said"), *AGAIN_NAMES.items()],
    "cost_options": [("", "Not said"), *COST_NAMES.items()],
}


def panel(conn: Connection, actor: Actor, thread: Row[Any], opening: Row[Any] | None, *, is_own: bool) -> dict[str, Any]:
    """For the page of a thread that was reached through the actor. `opening` is the opening message's key, on the first page alone."""
    if thread.kind != ThreadKind.LESSON or opening is None or opening.hidden_at is not None:
        return {"record": None, "subjects": [], "may_write_record": False}
    record = None if thread.practice_version is None else access.record_of(conn, thread.id)
    return {
        "record": record,
        "subjects": access.subjects_of(conn, thread.id) if thread.has_subject else [],
        "is_stale": record is not None and is_stale(record.review_by, clock.now()),
        "again_names": AGAIN_NAMES,
        "cost_names": COST_NAMES,
        "may_write_record": is_own and forum.may_reply(actor, thread.right, locked=thread.locked_at is not None),
    }


def fresh(actor: Actor, now: dt.datetime, prefix: str = "") -> dict[str, Any]:
    """A record's first values: the agency's size as it is, and a look back in a year."""
    return {f"{prefix}sworn": actor.agency_sworn, f"{prefix}review_by": (now.date() + YEAR).isoformat()}


def options(conn: Connection, thread_id: int | None = None) -> dict[str, Any]:
    """What the form of a new record offers, or of the one that a lesson has."""
    return {**NAMES, "subjects": list(conn.execute(access.visible_subjects(thread_id)))}
