"""Threads in a forum, and what a row of any list of threads is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, literal_column, select, tuple_
from sqlalchemy.orm import aliased

from app.agencies import like
from app.core.access import Actor
from app.core.hot import Hot
from app.core.paging import cursor, read_cursor
from app.forum import access
from app.forum.access import ME
from app.forum.models import ReadMark, Thread, Watch, WatchLevel
from app.forum.practices import access as practices
from app.membership.models import Member

Starter, Last = aliased(Member), aliased(Member)
READ_BEFORE = select(Member.read_before).where(Member.id == ME).scalar_subquery()
_MARK = func.coalesce(ReadMark.position, Thread.read_to)


def _unread_count() -> ColumnElement[int]:
    """How many messages of a thread are new to the reader: none where all its activity lies before what counts as read."""
    is_old = Thread.last_reply_at <= READ_BEFORE
    return case((is_old & ReadMark.position.is_(None), 0), else_=Thread.last_position - _MARK)


UNREAD = _unread_count().label("unread")
OWN: Any = (
    Thread.id, Thread.kind, Thread.title, Thread.marking, Thread.mask, Thread.author_id, Thread.author_rank, Thread.author_class,
    Thread.author_agency, Thread.created_at, Thread.last_position, Thread.last_reply_at, Thread.pinned, Thread.locked_at,
    Thread.answer_position, UNREAD, Watch.level.label("watch"),
)  # fmt: skip
NAMES: Any = (Starter.name.label("author"), Last.name.label("last_by"))
_COLUMNS: Any = (*OWN, *NAMES)


def with_mine(statement: Select[Any]) -> Select[Any]:
    """Join how far the reader got, and how closely they watch."""
    return statement.outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == ME)).outerjoin(
        Watch, (Watch.thread_id == Thread.id) & (Watch.member_id == ME)
    )


def _listed(statement: Select[Any]) -> Select[Any]:
    """Join what a row of a list shows: who began it, who wrote last, how far the reader got."""
    return with_mine(statement.join(Starter, Starter.id == Thread.author_id).join(Last, Last.id == Thread.last_reply_by))


_IN_FORUM: Any = _listed(
    select(*_COLUMNS, practices.review_of(Thread.id).label("review_by")).where(
        Thread.forum_id == bindparam("forum_id"), access.is_readable()
    )
)
# Literals, not parameters: a partial index serves only a statement that shows its condition (models.py).
IS_UNANSWERED = (Thread.kind == literal_column("'question'")) & Thread.answer_position.is_(None)
FILTERS: dict[str, ColumnElement[bool] | None] = {
    "": None,
    "unanswered": IS_UNANSWERED,
    "unread": (UNREAD > 0) & func.coalesce(Watch.level != WatchLevel.MUTE, True),
}
# For each order the columns that a row is found again by, all descending.
SORTS: dict[str, tuple[Any, ...]] = {
    "active": (Thread.pinned, Thread.last_reply_at, Thread.id),
    "newest": (Thread.created_at, Thread.id),
}
_CURSORS: dict[str, tuple[type, ...]] = {"active": (bool, dt.datetime, int), "newest": (dt.datetime, int)}


@lru_cache(maxsize=48)
def _statement(sort: str, name: str, parts: frozenset[str]) -> Hot:
    """Built once for each order, filter and what else is asked: "kind", "alike", "after"."""
    columns, condition = SORTS[sort], FILTERS[name]
    statement = _IN_FORUM if condition is None else _IN_FORUM.where(condition)
    if "kind" in parts:
        statement = statement.where(Thread.kind == bindparam("kind"))
    if "alike" in parts:
        statement = statement.where(access.begun_at(like.ALIKE))
    if "after" in parts:
        after = [bindparam(f"after_{i}", type_=c.type) for i, c in enumerate(columns)]
        statement = statement.where(tuple_(*columns) < tuple_(*after))
    return Hot(statement.order_by(*[c.desc() for c in columns]).limit(bindparam("limit")))


@dataclass(frozen=True, slots=True)
class Listing:
    """Which of a forum's threads, in which order, from where on. `kind` and `filter` may be empty; `after` is a cursor; `alike`: only those
    that were begun at agencies like this."""

    kind: str = ""
    filter: str = ""
    sort: str = "active"
    after: str = ""
    limit: int = 25
    alike: like.Likeness | None = None


def in_forum(conn: Connection, actor: Actor, forum_id: int, wanted: Listing) -> tuple[list[Row[Any]], str | None]:
    """A page of a forum's threads (the forum was reached through the actor) and the cursor of the next, if there is one."""
    values: dict[str, Any] = {"me": actor.member_id, "forum_id": forum_id, "limit": wanted.limit + 1}
    if wanted.kind:
        values["kind"] = wanted.kind
    if wanted.alike is not None:
        values |= wanted.alike.values
    if wanted.after:
        values |= {f"after_{i}": v for i, v in enumerate(read_cursor(wanted.after, *_CURSORS[wanted.sort]))}
    given = (("kind", wanted.kind), ("alike", wanted.alike), ("after", wanted.after))
    statement = _statement(wanted.sort, wanted.filter, frozenset(name for name, value in given if value))
    rows = statement.all(conn, values)
    if len(rows) <= wanted.limit:
        return list(rows), None
    last = rows[wanted.limit - 1]
    keys = (last.pinned, last.last_reply_at, last.id) if wanted.sort == "active" else (last.created_at, last.id)
    return list(rows[: wanted.limit]), cursor(*keys)


_ONE: Any = _listed(access.visible_threads(*_COLUMNS).where(Thread.id == bindparam("thread_id")))


def listed(conn: Connection, actor: Actor, thread_id: int) -> Row[Any]:
    """One thread as a list shows it."""
    return conn.execute(_ONE, {"me": actor.member_id, "thread_id": thread_id}).one()
