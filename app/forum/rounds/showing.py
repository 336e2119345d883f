"""What a question's page says of its round, and a profile of what its owner may be asked about."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.core.access import Actor
from app.forum.models import ThreadKind
from app.forum.practices import access as practices
from app.forum.rounds import access, operations
from app.forum.rounds.operations import CARRIED_BY

NOTHING: dict[str, Any] = {"course": None, "about": [], "asks_outcome": False}


def panel(conn: Connection, actor: Actor, thread: Row[Any], opening: Row[Any] | None, *, is_own: bool) -> dict[str, Any]:
    """For the page of a thread that was reached through the actor. `opening` is the opening message's key, on the first page alone."""
    if thread.kind not in CARRIED_BY or opening is None or opening.hidden_at is not None:
        return NOTHING
    about = practices.subjects_of(conn, thread.id) if thread.has_subject else []
    if thread.kind != ThreadKind.QUESTION:
        return {**NOTHING, "about": about}
    course = access.course_of(conn, actor, thread.id)
    may_say = operations.may_say(actor, thread.right, is_own=is_own, locked=thread.locked_at is not None)
    is_time = course is not None and (course.outcome or course.outcome_asked_at is not None)
    asks = may_say and (is_time or thread.answer_position is not None)
    return {"course": course, "about": about, "asks_outcome": asks, "is_asker": is_own}


def known(conn: Connection, _actor: Actor, member_id: int) -> list[Row[Any]]:
    """The subjects on a member's page, which was reached through the actor."""
    return list(conn.execute(practices.these_subjects(access.subjects_of(member_id))))


class Own(NamedTuple):
    """One's own form: what is offered, what stands (`values`), and what was wrong with it."""

    offered: list[Row[Any]]
    values: dict[str, Any]
    errors: dict[str, str]


def own(conn: Connection, actor: Actor, member_id: int) -> Own:
    """For one's own form: what is offered, and what stands."""
    mine = known(conn, actor, member_id)
    offered = list(conn.execute(practices.visible_subjects()))
    values = {"may_ask": access.may_be_asked(conn, member_id), "subjects": [subject.slug for subject in mine]}
    return Own([*offered, *[subject for subject in mine if subject not in offered]], values, {})
