"""The second fence for adoptions. They are their thread's: who reads the thread reads them. Who serves at an agency and may write says
what the agency does; who is retired speaks for it no more, and a partner never did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from app.agencies.models import Agency
from app.core.access import Actor
from app.core.errors import Forbidden
from app.forum.adoptions.models import Adoption, AdoptionState
from app.membership.models import Member, MemberClass

_OF: Any = bindparam("thread_id")
_WHOLE: Any = (
    select(
        Adoption.thread_id, Adoption.agency_id, Agency.name.label("agency"), Agency.short_name, Agency.state.label("agency_state"),
        Agency.sworn, Adoption.state, Adoption.note, Adoption.how_it_went, Adoption.at, Adoption.adopted_at, Adoption.asked_at,
        Adoption.member_id, Member.name.label("member"), Member.rank,
    )
    .join(Agency, Agency.id == Adoption.agency_id)
    .join(Member, Member.id == Adoption.member_id)
    .where(Adoption.thread_id == _OF)
)  # fmt: skip
_NEWEST: Any = (Adoption.at, Adoption.agency_id)
_IN_ORDER = _WHOLE.order_by(*[column.desc() for column in _NEWEST]).limit(bindparam("limit"))
_GOING_ON = _IN_ORDER.where(tuple_(*_NEWEST) < tuple_(bindparam("after_at", type_=Adoption.at.type), bindparam("after_agency")))
_ONE = _WHOLE.where(Adoption.agency_id == bindparam("agency_id"))
_COUNTS = select(Adoption.state, func.count()).where(Adoption.thread_id == _OF).group_by(Adoption.state)


def number_of(thread_id: Any, state: AdoptionState | None = None) -> ColumnElement[int]:
    """How many agencies said something of a thread's lesson, or just this, for a statement about threads."""
    counted = select(func.count()).where(Adoption.thread_id == thread_id)
    return (counted if state is None else counted.where(Adoption.state == state)).scalar_subquery()


def counts_of(conn: Connection | Session, thread_id: int) -> dict[str, int]:
    """By state, of a thread that was reached through the actor."""
    found = {row[0]: int(row[1]) for row in conn.execute(_COUNTS, {"thread_id": thread_id})}
    return {state.value: found.get(state.value, 0) for state in AdoptionState}


def newest(conn: Connection, thread_id: int, limit: int, after: tuple[dt.datetime, int] | None = None) -> list[Row[Any]]:
    """The latest words of agencies about a thread that was reached through the actor, from this (at, agency) on."""
    values: dict[str, Any] = {"thread_id": thread_id, "limit": limit}
    if after is None:
        return list(conn.execute(_IN_ORDER, values))
    return list(conn.execute(_GOING_ON, {**values, "after_at": after[0], "after_agency": after[1]}))


def one(conn: Connection | Session, thread_id: int, agency_id: int | None) -> Row[Any] | None:
    """What this agency said of a thread that was reached through the actor."""
    return None if agency_id is None else conn.execute(_ONE, {"thread_id": thread_id, "agency_id": agency_id}).first()


def may_adopt(actor: Actor) -> bool:
    outside = (MemberClass.PARTNER, MemberClass.RETIRED)
    return actor.may_write and actor.agency_id is not None and actor.member_class not in outside


def require_adopt(actor: Actor) -> int:
    """The agency for which the actor speaks."""
    if not may_adopt(actor) or actor.agency_id is None:
        raise Forbidden("Only who serves at an agency can say what it does.")
    return actor.agency_id


# For the worker -------------------------------------------------------------------------------------------------------------


def to_ask(before: dt.datetime, limit: int) -> Select[Any]:
    """Adoptions since before then about which nobody was asked yet."""
    due = (Adoption.state == AdoptionState.ADOPTED, Adoption.asked_at.is_(None), Adoption.adopted_at <= before)
    columns: tuple[Any, ...] = (Adoption.thread_id, Adoption.agency_id)
    return select(*columns).where(*due).order_by(Adoption.adopted_at).limit(limit)


def said_by(session: Session, agency_id: int) -> list[Adoption]:
    """All that an agency said, for the merging of two; locked."""
    return list(session.execute(select(Adoption).where(Adoption.agency_id == agency_id).with_for_update()).scalars())
