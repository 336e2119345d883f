"""New for you: threads with something one hasn't seen, each with why it may matter to one, and questions that wait for an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, bindparam, false, func, literal, select, true, tuple_, union_all

from app.agencies import like
from app.core.access import Actor
from app.core.paging import cursor, read_cursor
from app.core.sql import constant
from app.forum import access
from app.forum.access import ME
from app.forum.masks import access as masks
from app.forum.models import Forum, Thread, ThreadKind, Watch, WatchLevel
from app.forum.queries.threads import IS_UNANSWERED, NAMES, OWN, READ_BEFORE, UNREAD, Last, Starter, with_mine
from app.forum.rounds import access as rounds

NEW_ROWS = 12
NEWEST = 500  # how many threads back one page of it looks; older unread ones are found in their forum
_AT = bindparam("after_at", type_=Thread.last_reply_at.type)


def _new(*, goes_on: bool) -> Any:
    """The few that are shown are found first and joined with names afterwards: all in one join takes PostgreSQL 7 ms to plan, each time."""
    newest = select(Thread.last_reply_at.label("at")).order_by(Thread.last_reply_at.desc()).limit(constant(NEWEST))
    newest = newest.where(Thread.last_reply_at <= _AT) if goes_on else newest
    far_back = select(func.min(newest.subquery().c.at)).scalar_subquery()  # so that the search stays short when all is read
    found = with_mine(select(*OWN, Thread.forum_id, Thread.last_reply_by).where(access.is_visible())).where(
        Thread.last_reply_at > READ_BEFORE,
        Thread.last_reply_at >= far_back,
        UNREAD > 0,
        func.coalesce(Watch.level != WatchLevel.MUTE, True),
    )
    if goes_on:
        found = found.where(tuple_(Thread.last_reply_at, Thread.id) < tuple_(_AT, bindparam("after_id")))
    new = found.order_by(Thread.last_reply_at.desc(), Thread.id.desc()).limit(constant(NEW_ROWS + 1)).subquery("new")
    return (
        select(*(column for column in new.c if column.name not in ("forum_id", "last_reply_by")), *NAMES, Forum.title.label("forum_title"))
        .join(Starter, Starter.id == new.c.author_id)
        .join(Last, Last.id == new.c.last_reply_by)
        .join(Forum, Forum.id == new.c.forum_id)
        .order_by(new.c.last_reply_at.desc(), new.c.id.desc())
    )


_NEW, _NEW_GOING_ON = _new(goes_on=False), _new(goes_on=True)


def new_for(conn: Connection, actor: Actor, after: str = "") -> tuple[list[Row[Any]], str | None]:
    """Threads with something the reader hasn't seen, the newest activity first, and the cursor of the next ones, if there are more."""
    values: dict[str, Any] = {"me": actor.member_id}
    if after:
        values["after_at"], values["after_id"] = read_cursor(after, dt.datetime, int)
    rows = list(conn.execute(_NEW_GOING_ON if after else _NEW, values).all())
    last = rows[NEW_ROWS - 1] if len(rows) > NEW_ROWS else None
    return rows[:NEW_ROWS], cursor(last.last_reply_at, last.id) if last is not None else None


_WHYS: Any = access.visible_threads(
    Thread.id,
    ((Thread.author_id == ME) | ((Thread.mask > 0) & masks.is_asker(Thread.id, ME))).label("is_own"),
    (Thread.id.in_(access.latest_of(ME)) | masks.writes_masked(Thread.id, ME)).label("took_part"),
    rounds.was_asked(Thread.id).label("was_asked"),
    rounds.knows_about(Thread.id).label("knows"),
    access.begun_at(like.like_mine()).label("is_alike"),
).where(Thread.id.in_(bindparam("ids", expanding=True)))


def whys(conn: Connection, actor: Actor, rows: list[Row[Any]]) -> list[str]:
    """For each of these rows, in their order, why it may matter to the reader: the closest reason. One statement for all."""
    if not rows:
        return []
    values = {"me": actor.member_id, "my_agency": actor.agency_id, "ids": [row.id for row in rows]}
    found = {row.id: row for row in conn.execute(_WHYS, values)}
    return [_why(row, found.get(row.id)) for row in rows]


def _why(row: Row[Any], known: Row[Any] | None) -> str:
    is_question, is_new = row.kind == ThreadKind.QUESTION, row.unread > row.last_position
    if known is not None and known.was_asked and is_question and row.answer_position is None:
        return "You were asked"
    reasons = () if known is None else (
        (known.is_own, "You asked" if is_question else "You began it"), (known.took_part, "You took part"),
        (row.watch in (WatchLevel.WATCH, WatchLevel.EACH), "You watch it"), (known.knows, "Your subject"),
        (known.is_alike, "Agencies like yours"),
    )  # fmt: skip
    usual = f"New {row.kind}" if is_new else "New replies"
    return next((words for holds, words in reasons if holds), usual)


_COLUMNS: Any = (
    Thread.id, Thread.title, Thread.marking, Thread.created_at, Thread.author_rank, Thread.author_class, Thread.author_agency,
    Starter.name.label("author"),
)  # fmt: skip
_OPEN: Any = (IS_UNANSWERED, Thread.locked_at.is_(None), Thread.author_id != ME, ~masks.is_asker(Thread.id, ME))
_NEWEST_FIRST = (Thread.created_at.desc(), Thread.id.desc())
WAITING = 3


def _waiting(is_asked: Any, *conditions: Any) -> Any:
    found = access.visible_threads(*_COLUMNS, is_asked.label("is_asked")).join(Starter, Starter.id == Thread.author_id)
    return select(found.where(*_OPEN, *conditions).order_by(*_NEWEST_FIRST).limit(constant(WAITING)).subquery())


_MINE = _waiting(true(), Thread.id.in_(rounds.asked_of(ME)), ~Thread.id.in_(access.latest_of(ME)))
_WAITING = union_all(_MINE, _waiting(false(), Thread.last_position == literal(0)))


def waiting_questions(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Questions of others that wait: those that the reader was asked and has not replied to, then the newest without any reply."""
    rows = {row.id: row for row in reversed(conn.execute(_WAITING, {"me": actor.member_id}).all())}
    return sorted(rows.values(), key=lambda row: (bool(row.is_asked), row.created_at, row.id), reverse=True)[:WAITING]
