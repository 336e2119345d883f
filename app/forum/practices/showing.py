"""What a lesson's page shows of its record, and what the composer needs to take one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row

from app.core import clock
from app.core.access import Actor
from app.core.errors import Invalid
from app.forum import access as forum
from app.forum.models import ThreadKind
from app.forum.practices import access
from app.forum.practices.forms import PracticeForm
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES, YEAR, is_stale
from app.web.forms import FormState, parse

PREFIX = "practice."
_PREFILLED = ("sworn", "review_by")  # in a fresh composer: that they are sent says nothing
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
        "subjects": [] if record is None else access.subjects_of(conn, thread.id),
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


def composed(fields: list[tuple[str, str]]) -> PracticeForm | None:
    """The record among a composer's fields; None where nothing was written in them. Invalid under the fields' own names."""
    own = [(name.removeprefix(PREFIX), value) for name, value in fields if name.startswith(PREFIX)]
    if not any(value.strip() for name, value in own if name not in _PREFILLED):
        return None
    try:
        return parse(PracticeForm, own)
    except Invalid as refused:
        raise Invalid({PREFIX + name: text for name, text in refused.errors.items()}) from None


def state_of(record: Row[Any] | None, subjects: list[Row[Any]], first: dict[str, Any]) -> FormState:
    """The form of a record as it stands."""
    if record is None:
        return FormState(first)
    said = {name: "" if getattr(record, name) is None else getattr(record, name) for name in access.FIELDS}
    return FormState({**said, "subjects": [subject.slug for subject in subjects], "version": record.version})
