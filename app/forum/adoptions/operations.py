"""What an agency says of a lesson: the latest word of its members counts. A moderator may take one away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, NotFound
from app.forum import access as forum
from app.forum.adoptions import access
from app.forum.adoptions.forms import AdoptionForm
from app.forum.adoptions.models import Adoption, AdoptionState
from app.forum.models import ThreadKind

_TABLE: Any = Adoption.__table__


def say(session: Session, actor: Actor, thread_id: int, form: AdoptionForm) -> None:
    """One statement, so that of many at once each finds the one row."""
    thread = forum.thread_seen(session, actor, thread_id)
    agency_id = access.require_adopt(actor)
    require_lesson(thread)
    now = clock.now()
    values = {
        "thread_id": thread_id, "agency_id": agency_id, "state": form.state, "note": form.note, "how_it_went": form.how_it_went or "",
        "member_id": actor.member_id, "at": now, "adopted_at": now if form.state == AdoptionState.ADOPTED else None, "asked_at": None,
    }  # fmt: skip
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    statement = insert(_TABLE).values(values)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["thread_id", "agency_id"], set_=_said_anew(statement, form))
    )
    audit.record(session, actor, "adoption.say", ("thread", thread_id), agency=agency_id, state=form.state)


def _said_anew(statement: Any, form: AdoptionForm) -> dict[str, Any]:
    """What changes of the row that is there. Who says "adopted" once more says nothing new: the year runs on."""
    new, goes_on = statement.excluded, (_TABLE.c.state == AdoptionState.ADOPTED) & (statement.excluded.state == AdoptionState.ADOPTED)
    return {
        "state": new.state, "note": new.note, "member_id": new.member_id, "at": new.at,
        "how_it_went": _TABLE.c.how_it_went if form.how_it_went is None else new.how_it_went,
        "adopted_at": case((goes_on, _TABLE.c.adopted_at), else_=new.adopted_at),
        "asked_at": case((goes_on, _TABLE.c.asked_at), else_=new.asked_at),
    }  # fmt: skip


def require_lesson(thread: Any) -> None:
    """`thread` is a row that was reached through the actor."""
    if thread.kind != ThreadKind.LESSON:
        raise Conflict("Only a lesson can be adopted.")


def remove(session: Session, actor: Actor, thread_id: int, agency_id: int, reason: str) -> None:
    """What should not stand there, such as a name in a note, is the forum's moderators' to take away; the log keeps that it was there."""
    thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    forum.require_moderate(actor, right)
    gone = delete(Adoption).where(Adoption.thread_id == thread.id, Adoption.agency_id == agency_id).returning(Adoption.state)
    state = session.execute(gone).scalar_one_or_none()
    if state is None:
        raise NotFound
    audit.record(session, actor, "adoption.remove", ("thread", thread_id), agency=agency_id, state=state, reason=reason)


def merge(session: Session, gone: int, stays: int) -> int:
    """Two rows for one agency became one: of two words about the same lesson the later stays."""
    ours = {row.thread_id: row for row in access.said_by(session, stays)}
    moving = access.said_by(session, gone)
    for row in moving:
        twin = ours.get(row.thread_id)
        if twin is not None:
            session.delete(twin if row.at >= twin.at else row)
            session.flush()
        if twin is None or row.at >= twin.at:
            row.agency_id = stays
            session.flush()
    return len(moving)
