"""New for you: threads with something one hasn't seen, each with why it may matter to one, and questions that wait for an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, bindparam, false, func, select, true, tuple_, union_all

from app.core.access import Actor
from app.core.hot import Hot
from app.core.paging import cursor, read_cursor
from app.core.sql import constant, word
from app.forum import access
from app.forum.access import ME
from app.forum.masks import access as masks
from app.forum.masks.models import ASKER
from app.forum.models import Forum, Thread, ThreadKind, Watch, WatchLevel
from app.forum.queries.threads import IS_UNANSWERED, READ_BEFORE, UNREAD, Last, Starter, with_mine
from app.forum.rounds import access as rounds

NEW_ROWS = 12
NEWEST = 500  # how many threads back one page of it looks; older unread ones are found in their forum
_AT = bindparam("after_at", type_=Thread.last_reply_at.type)


_ROW: Any = (
    Thread.id, Thread.kind, Thread.title, Thread.marking, Thread.author_id, Thread.last_position, Thread.last_reply_at, Thread.pinned,
    Thread.locked_at, Thread.answer_position, UNREAD, Watch.level.label("watch"),
)  # fmt: skip


def _whys(thread_id: Any) -> tuple[Any, ...]:
    """What the reasons are read from, of the few threads that are shown."""
    return (
        masks.number_of(thread_id, ME).label("my_mask"),
        thread_id.in_(access.latest_of(ME)).label("wrote"),
        rounds.was_asked(thread_id).label("was_asked"),
        rounds.knows_about(thread_id).label("knows"),
        access.begun_like_mine(thread_id).label("is_alike"),
    )


def _new(*, goes_on: bool) -> Any:
    """The few that are shown are found first and joined with names afterwards: all in one join takes PostgreSQL 7 ms to plan, each time."""
    newest = select(Thread.last_reply_at.label("at")).order_by(Thread.last_reply_at.desc()).limit(constant(NEWEST))
    newest = newest.where(Thread.last_reply_at <= _AT) if goes_on else newest
    far_back = select(func.min(newest.subquery().c.at)).scalar_subquery()  # so that the search stays short when all is read
    found = with_mine(select(*_ROW, Thread.forum_id, Thread.last_reply_by).where(access.is_visible())).where(
        Thread.last_reply_at > READ_BEFORE,
        Thread.last_reply_at >= far_back,
        UNREAD > 0,
        func.coalesce(Watch.level != WatchLevel.MUTE, True),
    )
    if goes_on:
        found = found.where(tuple_(Thread.last_reply_at, Thread.id) < tuple_(_AT, bindparam("after_id")))
    new = found.order_by(Thread.last_reply_at.desc(), Thread.id.desc()).limit(constant(NEW_ROWS + 1)).subquery("n")
    shown = (column for column in new.c if column.name not in ("forum_id", "last_reply_by"))
    return (
        select(*shown, Last.name.label("last_by"), Forum.title.label("forum_title"), *_whys(new.c.id))
        .join(Last, Last.id == new.c.last_reply_by)
        .join(Forum, Forum.id == new.c.forum_id)
        .order_by(new.c.last_reply_at.desc(), new.c.id.desc())
    )


_NEW, _NEW_GOING_ON = Hot(_new(goes_on=False)), Hot(_new(goes_on=True))


def new_for(conn: Connection, actor: Actor, after: str = "") -> tuple[list[Row[Any]], str | None]:
    """Threads with something the reader hasn't seen, the newest activity first, and the cursor of the next ones, if there are more."""
    values: dict[str, Any] = {"me": actor.member_id, "my_agency": actor.agency_id}
    if after:
        values["after_at"], values["after_id"] = read_cursor(after, dt.datetime, int)
    rows = (_NEW_GOING_ON if after else _NEW).all(conn, values)
    last = rows[NEW_ROWS - 1] if len(rows) > NEW_ROWS else None
    return rows[:NEW_ROWS], cursor(last.last_reply_at, last.id) if last is not None else None


def why(row: Row[Any], me: int) -> str:
    """Why this row of new_for may matter to its reader: the closest reason."""
    is_question = row.kind == ThreadKind.QUESTION
    if row.was_asked and is_question and row.answer_position is None:
        return "You were asked"
    if row.author_id == me or row.my_mask == ASKER:
        return "You asked" if is_question else "You began it"
    if row.wrote or row.my_mask is not None:
        return "You took part"
    return _interest(row) or (f"New {row.kind}" if row.unread > row.last_position else "New replies")


def _interest(row: Row[Any]) -> str:
    """Why someone may care who has not written in it; empty for no reason of their own."""
    if row.watch in (WatchLevel.WATCH, WatchLevel.EACH):
        return "You watch it"
    if row.knows:
        return "Your subject"
    return "Agencies like yours" if row.is_alike else ""


_COLUMNS: Any = (
    Thread.id, Thread.title, Thread.marking, Thread.created_at, Thread.author_rank, Thread.author_class, Thread.author_agency,
    Starter.name.label("author"),
)  # fmt: skip
_OPEN: Any = (Thread.locked_at.is_(None), Thread.author_id != ME, ~masks.is_asker(Thread.id, ME))
_NEWEST_FIRST = (Thread.created_at.desc(), Thread.id.desc())
WAITING = 3


def _waiting(is_asked: Any, *conditions: Any) -> Any:
    found = access.visible_threads(*_COLUMNS, is_asked.label("is_asked")).join(Starter, Starter.id == Thread.author_id)
    return found.where(*_OPEN, *conditions).order_by(*_NEWEST_FIRST).limit(constant(WAITING))


_MINE = _waiting(true(), IS_UNANSWERED, Thread.id.in_(rounds.asked_of(ME)), ~Thread.id.in_(access.latest_of(ME)))
# Not that none is accepted, too: of two indexes that fit SQLite takes the one with all that wait for an answer, of which most have replies.
_WITHOUT_REPLY = _waiting(false(), Thread.kind == word("question"), Thread.last_position == constant(0))
_WAITING = Hot(union_all(select(_MINE.subquery()), select(_WITHOUT_REPLY.subquery())))
_UNASKED = Hot(_WITHOUT_REPLY)


def waiting_questions(conn: Connection, actor: Actor, *, was_asked: bool) -> list[Row[Any]]:
    """Questions of others that wait: those that the reader was asked and has not replied to, then the newest without any reply.
    `was_asked`: whether they ever were, so that whoever was not is not asked about it."""
    found = (_WAITING if was_asked else _UNASKED).all(conn, {"me": actor.member_id})
    rows = {row.id: row for row in reversed(found)}
    return sorted(rows.values(), key=lambda row: (bool(row.is_asked), row.created_at, row.id), reverse=True)[:WAITING]
