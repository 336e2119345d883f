"""Threads in a forum, threads that are new for someone, and questions that wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, literal_column, select, tuple_
from sqlalchemy.orm import aliased

from app.agencies import like
from app.core.access import Actor
from app.core.paging import cursor, read_cursor
from app.core.sql import constant
from app.forum import access
from app.forum.access import ME
from app.forum.masks import access as masks
from app.forum.models import Forum, ReadMark, Thread, Watch, WatchLevel
from app.forum.practices import access as practices
from app.membership.models import Member

Starter, Last = aliased(Member), aliased(Member)
NEW_ROWS = 12
NEWEST = 500  # how far back "new for you" looks; older unread threads are found in their forum

READ_BEFORE = select(Member.read_before).where(Member.id == ME).scalar_subquery()
_MARK = func.coalesce(ReadMark.position, Thread.read_to)


def _unread_count() -> ColumnElement[int]:
    """How many messages of a thread are new to the reader: none where all its activity lies before what counts as read."""
    is_old = Thread.last_reply_at <= READ_BEFORE
    return case((is_old & ReadMark.position.is_(None), 0), else_=Thread.last_position - _MARK)


UNREAD = _unread_count().label("unread")
_OWN: Any = (
    Thread.id, Thread.kind, Thread.title, Thread.marking, Thread.mask, Thread.author_id, Thread.author_rank, Thread.author_class,
    Thread.author_agency, Thread.created_at, Thread.last_position, Thread.last_reply_at, Thread.pinned, Thread.locked_at,
    Thread.answer_position, UNREAD, Watch.level.label("watch"),
)  # fmt: skip
_NAMES: Any = (Starter.name.label("author"), Last.name.label("last_by"))
_COLUMNS: Any = (*_OWN, *_NAMES)


def _with_mine(statement: Select[Any]) -> Select[Any]:
    """Join how far the reader got, and how closely they watch."""
    return statement.outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == ME)).outerjoin(
        Watch, (Watch.thread_id == Thread.id) & (Watch.member_id == ME)
    )


def _listed(statement: Select[Any]) -> Select[Any]:
    """Join what a row of a list shows: who began it, who wrote last, how far the reader got."""
    return _with_mine(statement.join(Starter, Starter.id == Thread.author_id).join(Last, Last.id == Thread.last_reply_by))


_IN_FORUM: Any = _listed(
    select(*_COLUMNS, practices.review_of(Thread.id).label("review_by")).where(
        Thread.forum_id == bindparam("forum_id"), access.is_readable()
    )
)
# Literals, not parameters: a partial index serves only a statement that shows its condition (models.py).
_IS_UNANSWERED = (Thread.kind == literal_column("'question'")) & Thread.answer_position.is_(None)
FILTERS: dict[str, ColumnElement[bool] | None] = {
    "": None,
    "unanswered": _IS_UNANSWERED,
    "unread": (UNREAD > 0) & func.coalesce(Watch.level != WatchLevel.MUTE, True),
}
# For each order the columns that a row is found again by, all descending.
SORTS: dict[str, tuple[Any, ...]] = {
    "active": (Thread.pinned, Thread.last_reply_at, Thread.id),
    "newest": (Thread.created_at, Thread.id),
}
_CURSORS: dict[str, tuple[type, ...]] = {"active": (bool, dt.datetime, int), "newest": (dt.datetime, int)}


@lru_cache(maxsize=48)
def _statement(sort: str, name: str, parts: frozenset[str]) -> Select[Any]:
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
    built: Select[Any] = statement.order_by(*[c.desc() for c in columns]).limit(bindparam("limit"))
    return built


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
    rows = conn.execute(statement, values).all()
    if len(rows) <= wanted.limit:
        return list(rows), None
    last = rows[wanted.limit - 1]
    keys = (last.pinned, last.last_reply_at, last.id) if wanted.sort == "active" else (last.created_at, last.id)
    return list(rows[: wanted.limit]), cursor(*keys)


# The date of the 500th newest thread: where the search for what is new ends, so that it stays short when all is read.
_newest = select(Thread.last_reply_at.label("at")).order_by(Thread.last_reply_at.desc()).limit(constant(NEWEST)).subquery()
_FAR_BACK = select(func.min(_newest.c.at)).scalar_subquery()
# The few that are shown are found first and joined with names afterwards: all in one join takes PostgreSQL 7 ms to plan, each time.
_new: Any = (
    _with_mine(select(*_OWN, Thread.forum_id, Thread.last_reply_by).where(access.is_visible()))
    .where(
        Thread.last_reply_at > READ_BEFORE,
        Thread.last_reply_at >= _FAR_BACK,
        UNREAD > 0,
        func.coalesce(Watch.level != WatchLevel.MUTE, True),
    )
    .order_by(Thread.last_reply_at.desc(), Thread.id.desc())
    .limit(constant(NEW_ROWS + 1))
    .subquery("new")
)
_NEW_FOR_ME: Any = (
    select(*(column for column in _new.c if column.name not in ("forum_id", "last_reply_by")), *_NAMES, Forum.title.label("forum_title"))
    .join(Starter, Starter.id == _new.c.author_id)
    .join(Last, Last.id == _new.c.last_reply_by)
    .join(Forum, Forum.id == _new.c.forum_id)
    .order_by(_new.c.last_reply_at.desc(), _new.c.id.desc())
)


def new_for(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Threads with something the reader hasn't seen, the newest activity first; one more than NEW_ROWS, if there are more."""
    return list(conn.execute(_NEW_FOR_ME, {"me": actor.member_id}).all())


_WAITING: Any = (
    access.visible_threads(
        Thread.id,
        Thread.title,
        Thread.marking,
        Thread.created_at,
        Thread.author_rank,
        Thread.author_class,
        Thread.author_agency,
        Starter.name.label("author"),
    )
    .join(Starter, Starter.id == Thread.author_id)
    .where(_IS_UNANSWERED, Thread.last_position == 0, Thread.author_id != ME, ~masks.is_asker(Thread.id, ME), Thread.locked_at.is_(None))
    .order_by(Thread.created_at.desc(), Thread.id.desc())
    .limit(constant(3))
)


def waiting_questions(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """The newest questions of others that nobody has replied to."""
    return list(conn.execute(_WAITING, {"me": actor.member_id}).all())


_ONE: Any = _listed(access.visible_threads(*_COLUMNS).where(Thread.id == bindparam("thread_id")))


def listed(conn: Connection, actor: Actor, thread_id: int) -> Row[Any]:
    """One thread as a list shows it."""
    return conn.execute(_ONE, {"me": actor.member_id, "thread_id": thread_id}).one()
