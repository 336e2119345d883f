"""The forums someone sees, with what is new in each. Counting is done once for each state of a forum and of a reader's marks."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, select

from app.core.access import Actor
from app.core.db import serial_of
from app.core.hot import Hot
from app.core.kept import Kept
from app.forum import access
from app.forum.access import ME
from app.forum.markings import Marking
from app.forum.models import ReadMark, Thread, ThreadKind, Watch, WatchLevel
from app.forum.queries.threads import UNREAD
from app.forum.rounds import access as rounds
from app.membership.models import Member

_FORUMS = Hot(
    access.visible_forums()
    .add_columns(Member.read_version, rounds.was_ever_asked().label("was_asked"), Member.start_done_at)
    .join(Member, Member.id == ME)
)
_UNREAD = (
    select(Thread.forum_id, func.sum(UNREAD).label("unread"))
    .outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == ME))
    .outerjoin(Watch, (Watch.thread_id == Thread.id) & (Watch.member_id == ME))
    .where(
        Thread.forum_id.in_(bindparam("forum_ids", expanding=True)),
        Thread.last_reply_at > select(Member.read_before).where(Member.id == ME).scalar_subquery(),
        access.is_readable(),
        func.coalesce(Watch.level != WatchLevel.MUTE, True),
    )
    .group_by(Thread.forum_id)
)


# Counts by what they were counted for. Versions come from the database, so a count that is out of date can't be asked for.
_unread: Kept[tuple[int, int, int, int, int], int] = Kept(20_000)
_tabs: Kept[tuple[int, int, int], Row[Any]] = Kept(5_000)


class ForumRow(NamedTuple):
    """A forum as its reader sees it; the columns of _FORUMS, in their order, then what is new."""

    id: int
    slug: str
    title: str
    description: str
    floor: int | None
    version: int
    right: int
    anonymous_ok: bool
    read_version: int  # of the reader's marks: 1 until they have read anything
    was_asked: bool  # whether any question ever went to the reader
    start_done_at: dt.datetime | None  # since when they are led through no first steps any more
    unread: int

    @property
    def marking_floor(self) -> Marking | None:
        return None if self.floor is None else Marking(self.floor)


def forums_of(conn: Connection, actor: Actor) -> list[ForumRow]:
    """All forums the actor sees, in the association's order, with how many messages are new to them."""
    me = actor.member_id
    rows = _FORUMS.all(conn, {"me": me})
    database = serial_of(conn)
    counts = {row.id: _unread.get((database, me, row.id, row.version, row.read_version)) for row in rows}
    missing = [forum_id for forum_id, count in counts.items() if count is None]
    if missing:
        found = {r.forum_id: int(r.unread or 0) for r in conn.execute(_UNREAD, {"me": me, "forum_ids": missing})}
        for row in rows:
            if row.id in missing:
                count = counts[row.id] = found.get(row.id, 0)
                _unread.put((database, me, row.id, row.version, row.read_version), count)
    return [ForumRow._make((*row, counts[row.id] or 0)) for row in rows]


# What a forum's tabs count. TLP:RED threads are left out for everyone: a number must not tell that one exists.
def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_TABS: Any = select(
    func.count().label("all"),
    _how_many(Thread.kind == ThreadKind.LESSON).label("lesson"),
    _how_many(Thread.kind == ThreadKind.QUESTION).label("question"),
    _how_many((Thread.kind == ThreadKind.QUESTION) & Thread.answer_position.is_(None)).label("unanswered"),
).where(Thread.forum_id == bindparam("forum_id"), Thread.marking < Marking.RED)


def tab_counts(conn: Connection, forum_id: int, version: int) -> Row[Any]:
    """How many threads a forum has (all, lesson, question, unanswered), counted once for each version of it."""
    key = (serial_of(conn), forum_id, version)
    counts = _tabs.get(key)
    if counts is None:
        counts = conn.execute(_TABS, {"forum_id": forum_id}).one()
        _tabs.put(key, counts)
    return counts
