"""The forums someone sees, with what is new in each. Counting is done once for each state of a forum and of a reader's marks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, select

from app.core.access import Actor
from app.forum import access
from app.forum.access import ME
from app.forum.markings import Marking
from app.forum.models import ReadMark, Thread, ThreadKind, Watch, WatchLevel
from app.forum.queries.threads import UNREAD
from app.membership.models import Member

_FORUMS = access.visible_forums().add_columns(select(Member.read_version).where(Member.id == ME).scalar_subquery().label("read_version"))
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


class Counts:
    """Remembers counts by what they were counted for; the oldest make room. Versions come from the database, so a count that is
    out of date can't be asked for, in whatever process it was made."""

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def get(self, key: tuple[int, ...]) -> Any:
        return self._kept.get(key)

    def put(self, key: tuple[int, ...], count: Any) -> None:
        self._kept[key] = count
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


_unread, _tabs = Counts(), Counts(5_000)


@dataclass(frozen=True, slots=True)
class ForumRow:
    id: int
    slug: str
    title: str
    description: str
    marking_floor: Marking | None
    right: int
    unread: int
    version: int


def _row(row: Row[Any], unread: int) -> ForumRow:
    floor = None if row.marking_floor is None else Marking(row.marking_floor)
    return ForumRow(row.id, row.slug, row.title, row.description, floor, row.right, unread, row.version)


def forums_of(conn: Connection, actor: Actor) -> list[ForumRow]:
    """All forums the actor sees, in the association's order, with how many messages are new to them."""
    me = actor.member_id
    rows = conn.execute(_FORUMS, {"me": me}).all()
    counts = {row.id: _unread.get((me, row.id, row.version, row.read_version)) for row in rows}
    missing = [forum_id for forum_id, count in counts.items() if count is None]
    if missing:
        found = {r.forum_id: int(r.unread or 0) for r in conn.execute(_UNREAD, {"me": me, "forum_ids": missing})}
        for row in rows:
            if row.id in missing:
                counts[row.id] = found.get(row.id, 0)
                _unread.put((me, row.id, row.version, row.read_version), counts[row.id])
    return [_row(row, counts[row.id] or 0) for row in rows]


# What a forum's tabs count. TLP:RED threads are left out for everyone: a number must not tell that one exists.
def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_TABS = select(
    func.count().label("all"),
    _how_many(Thread.kind == ThreadKind.LESSON).label("lesson"),
    _how_many(Thread.kind == ThreadKind.QUESTION).label("question"),
    _how_many((Thread.kind == ThreadKind.QUESTION) & (Thread.last_position == 0)).label("unanswered"),
).where(Thread.forum_id == bindparam("forum_id"), Thread.marking < Marking.RED)


def tab_counts(conn: Connection, forum_id: int, version: int) -> Row[Any]:
    """How many threads a forum has (all, lesson, question, unanswered), counted once for each version of it."""
    counts = _tabs.get((forum_id, version))
    if counts is None:
        counts = conn.execute(_TABS, {"forum_id": forum_id}).one()
        _tabs.put((forum_id, version), counts)
    row: Row[Any] = counts
    return row
