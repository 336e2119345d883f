"""Lessons of all forums that somebody sees, by what their records say; and those that may leave the site as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, literal_column, tuple_

from app.agencies import like
from app.agencies.models import Agency
from app.agencies.sizes import BANDS, Band
from app.core.access import Actor
from app.core.paging import cursor, read_cursor
from app.forum import access as forum
from app.forum.adoptions import access as adoptions
from app.forum.adoptions.models import AdoptionState
from app.forum.markings import Marking
from app.forum.models import Forum, Reply, Thread
from app.forum.practices import access
from app.forum.practices.models import Practice
from app.membership.models import Member

PAGE = 25
EXPORTED = 5_000
SIZES: dict[str, Band] = {band.name.removesuffix(" sworn"): band for band in BANDS}

_ADOPTED = adoptions.number_of(Thread.id, AdoptionState.ADOPTED).label("adopted")
_SHOWN: tuple[Any, ...] = (
    Thread.id, Thread.kind, Thread.title, Thread.marking, Thread.author_rank, Thread.author_class, Thread.author_agency, Thread.created_at,
    Member.name.label("author"), Forum.title.label("forum_title"), Reply.author_size, Practice.sworn, Practice.cost_band, Practice.again,
    Practice.measured, Practice.review_by, _ADOPTED,
)  # fmt: skip
_WRITTEN_OUT: tuple[Any, ...] = (
    *_SHOWN, Agency.state, Practice.problem, Practice.what_we_did, Practice.outcome, Practice.staffing, Practice.setup_weeks,
    Practice.again_why, adoptions.number_of(Thread.id, AdoptionState.CONSIDERING).label("considering"),
    adoptions.number_of(Thread.id, AdoptionState.DECLINED).label("declined"),
)  # fmt: skip
# A literal: the partial index of lessons serves only a statement that shows its condition (models.py). What a moderator hides is no lesson.
_IS_LESSON = (Thread.kind == literal_column("'lesson'")) & Reply.hidden_at.is_(None)
_IN_BAND = Practice.sworn.between(bindparam("least"), bindparam("most")) | (
    Practice.sworn.is_(None) & (Reply.author_size == bindparam("size"))
)
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "subject": Thread.id.in_(access.about(bindparam("subject"))),
    "size": _IN_BAND,
    "cost": Practice.cost_band == bindparam("cost"),
    "again": Practice.again == bindparam("again"),
    "measured": Practice.measured.is_(True),
    "state": Agency.state == bindparam("state"),
    "like": like.IS_ALIKE,
    "export": Forum.export_ok & (Thread.marking <= Marking.GREEN),
    "after": tuple_(Thread.created_at, Thread.id) < tuple_(bindparam("after_at", type_=Thread.created_at.type), bindparam("after_id")),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lessons; an empty part asks for nothing. `size` is a key of SIZES, `measured` is "yes" or empty, `like` "mine" or empty."""

    subject: str = ""
    size: str = ""
    cost: str = ""
    again: str = ""
    measured: str = ""
    state: str = ""
    like: str = ""

    @property
    def given(self) -> dict[str, str]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def values(self) -> dict[str, Any]:
        band = SIZES.get(self.size)
        bounds = {} if band is None else {"least": band.least, "most": band.most, "size": band.name}
        return {**self.given, **bounds}


@lru_cache(maxsize=200)
def _statement(parts: frozenset[str]) -> Select[Any]:
    """Built once for each set of filters."""
    columns = _WRITTEN_OUT if "export" in parts else _SHOWN
    statement = forum.visible_threads(*columns).join(Forum, Forum.id == Thread.forum_id).join(Member, Member.id == Thread.author_id)
    statement = statement.join(Reply, (Reply.thread_id == Thread.id) & (Reply.position == 0))
    statement = statement.outerjoin(Practice, Practice.thread_id == Thread.id).outerjoin(Agency, Agency.id == Reply.author_agency_id)
    statement = statement.where(_IS_LESSON, *[_CONDITIONS[part] for part in sorted(parts)])
    return statement.order_by(Thread.created_at.desc(), Thread.id.desc()).limit(bindparam("limit"))


def _rows(conn: Connection, actor: Actor, wanted: Wanted, more: dict[str, Any], parts: frozenset[str]) -> list[Row[Any]]:
    alike = like.asked_for(conn, actor, wanted.like)
    values = {**wanted.values(), **(alike.values if alike else {}), **more, "me": actor.member_id}
    return list(conn.execute(_statement(frozenset(wanted.given) | parts), values))


def page(conn: Connection, actor: Actor, wanted: Wanted, after: str) -> tuple[list[Row[Any]], str | None]:
    """The newest lessons first, and the cursor of the next page, if there is one."""
    more: dict[str, Any] = {"limit": PAGE + 1}
    if after:
        more["after_at"], more["after_id"] = read_cursor(after, dt.datetime, int)
    rows = _rows(conn, actor, wanted, more, frozenset({"after"} if after else ()))
    following = cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], following


def exported(conn: Connection, actor: Actor, wanted: Wanted) -> list[Row[Any]]:
    """The same with their whole records, of forums that allow it, and no stricter than TLP:GREEN."""
    return _rows(conn, actor, wanted, {"limit": EXPORTED}, frozenset({"export"}))


_MAY_EXPORT = forum.visible_forums().where(Forum.export_ok).limit(1)


def may_export(conn: Connection, actor: Actor) -> bool:
    """Whether any forum that the actor sees lets its lessons go out as a file."""
    return conn.execute(_MAY_EXPORT, {"me": actor.member_id}).first() is not None
