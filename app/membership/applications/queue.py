"""The reviewers' queue: what waits, by age, in a few views; how many cases stand in each; and how long deciding takes.

Every list goes on from its last row along an index, and no count reads further than it is shown: so the page costs the same whether
a dozen cases are open or a hundred thousand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from app.core.access import Actor
from app.core.paging import cursor, read_cursor
from app.membership.applications import access
from app.membership.applications.queries import LISTED, claimer
from app.membership.models import Application, ApplicationState
from app.membership.sponsors import access as sponsors

PAGE = 50
MOST_COUNTED = 99  # more are shown as 99+
LATEST = 30  # decisions that the median is of

VIEWS = {
    "waiting": "Waiting for you",
    "mine": "Mine",
    "unclaimed": "Unclaimed",
    "asked": "More asked",
    "second": "Second signature",
}

_A = Application
_IS_OPEN: tuple[ColumnElement[bool], ...] = (_A.decided_at.is_(None), _A.submitted_at.is_not(None))
_TO_SIGN = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW, ApplicationState.FIRST_DECISION)
_NOT_SIGNED = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
_DECIDED = (ApplicationState.APPROVED, ApplicationState.DECLINED)


def _conditions(view: str, actor: Actor, now: dt.datetime) -> Sequence[ColumnElement[bool]]:
    """Which open cases a view holds."""
    if view == "waiting":
        return for_reviewer(actor, now)
    if view == "mine":
        return (_A.claimed_by == actor.member_id, _A.claimed_until > now)
    if view == "unclaimed":
        return (_A.state.in_(_NOT_SIGNED), or_(_A.claimed_until.is_(None), _A.claimed_until <= now))
    return (_A.state == (ApplicationState.MORE_ASKED if view == "asked" else ApplicationState.FIRST_DECISION),)


def for_reviewer(actor: Actor, now: dt.datetime) -> Sequence[ColumnElement[bool]]:
    """What this reviewer may sign next: the rule of access.may_decide, and nothing that waits for the applicant."""
    held = (_A.claimed_until > now) & (_A.claimed_by != actor.member_id)
    return (_A.state.in_(_TO_SIGN), func.coalesce(~held, True), *_may_sign(actor))


def _may_sign(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Neither signed by them, nor sponsored, nor their own."""
    return (~access.signed_by(actor), sponsors.is_not_sponsor(actor), func.coalesce(_A.member_id != actor.member_id, True))


def waiting_since(actor: Actor, before: dt.datetime, now: dt.datetime) -> Select[Any]:
    """Cases that this reviewer may sign and that have waited since before then; counted no further than they are shown."""
    found = access.visible_applications(actor, _A.id).where(*_IS_OPEN, *for_reviewer(actor, now), _A.submitted_at <= before)
    return select(func.count()).select_from(found.limit(MOST_COUNTED + 1).subquery())


# Lists ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """Cases, the longest waiting first, and the cursor of the rest (empty at the end)."""

    rows: list[Row[Any]]
    next: str


def listed(conn: Connection, actor: Actor, view: str, now: dt.datetime, after: str = "") -> Listed:
    columns = (*LISTED, and_(*_may_sign(actor)).label("may_sign"))
    statement = access.with_agency(access.visible_applications(actor, *columns)).outerjoin(claimer, claimer.id == _A.claimed_by)
    statement = statement.where(*_IS_OPEN, *_conditions(view, actor, now))
    if after:
        statement = statement.where(tuple_(_A.submitted_at, _A.id) > tuple_(*read_cursor(after, dt.datetime, int)))
    rows = list(conn.execute(statement.order_by(_A.submitted_at, _A.id).limit(PAGE + 1)).all())
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Listed(rows[:PAGE], cursor(last.submitted_at, last.id) if last else "")


# Counts and figures ---------------------------------------------------------------------------------------------------------


def view_counts(conn: Connection, actor: Actor, now: dt.datetime) -> dict[str, int]:
    """How many cases each view holds, in one statement; MOST_COUNTED + 1 stands for more."""
    found = {view: (*_IS_OPEN, *_conditions(view, actor, now)) for view in VIEWS}
    return _counted(conn, actor, found)


def state_counts(conn: Connection, actor: Actor) -> dict[str, int]:
    """How many cases there are in each state, likewise."""
    return _counted(conn, actor, {state.value: (_A.state == state,) for state in ApplicationState})


def _counted(conn: Connection, actor: Actor, wanted: dict[str, tuple[ColumnElement[bool], ...]]) -> dict[str, int]:
    columns = []
    for name, conditions in wanted.items():
        some = access.visible_applications(actor, _A.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
        columns.append(select(func.count()).select_from(some).scalar_subquery().label(name))
    row = conn.execute(select(*columns)).one()
    return {name: int(value) for name, value in row._mapping.items()}


@dataclass(frozen=True, slots=True)
class Figures:
    """How the queue stands: since when the oldest case waits for reviewers, how long half of the last `count` took (None: none yet), and
    this month."""

    oldest: dt.datetime | None
    typical: dt.timedelta | None
    count: int
    this_month: int


def figures(conn: Connection, actor: Actor, month: dt.datetime) -> Figures:
    """`month`: when this month began, in the association's zone."""
    waits = access.visible_applications(actor, _A.submitted_at).where(*_IS_OPEN, _A.state.in_(_TO_SIGN))
    taken = access.visible_applications(actor, _A.submitted_at, _A.decided_at).where(
        _A.decided_at.is_not(None), _A.submitted_at.is_not(None), _A.state.in_(_DECIDED), ~_A.founding
    )
    decided = access.visible_applications(actor, func.count()).where(_A.decided_at >= month, _A.state.in_(_DECIDED))
    times = [row.decided_at - row.submitted_at for row in conn.execute(taken.order_by(_A.decided_at.desc()).limit(LATEST))]
    return Figures(
        oldest=conn.execute(waits.order_by(_A.submitted_at).limit(1)).scalar(),
        typical=median(times) if times else None,
        count=len(times),
        this_month=conn.execute(decided).scalar_one(),
    )
