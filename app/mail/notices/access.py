"""The second fence for notifications: one's own alone, and of those about a message the ones whose thread one may see at this moment.

One about a message counts as read when it was marked so, or when the member has read the thread that far."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.forum.access import ME, is_visible
from app.forum.models import ReadMark, Thread
from app.mail.notices.models import Notification

MOST = 100  # that are counted: a header says "99+" beyond
N = Notification
_READ_THERE = and_(ReadMark.member_id == N.member_id, ReadMark.thread_id == N.thread_id)
IS_READ: ColumnElement[bool] = or_(N.read_at.is_not(None), func.coalesce(ReadMark.position >= N.position, False))


def visible_notifications(*columns: Any, member: Any = ME) -> Select[Any]:
    """This member's notifications with their threads (if any), whose words may be shown to them, and their own read mark there."""
    return (
        select(*columns, IS_READ.label("is_read"))
        .select_from(N)
        .outerjoin(Thread, Thread.id == N.thread_id)
        .outerjoin(ReadMark, _READ_THERE)
        .where(N.member_id == member, or_(N.thread_id.is_(None), is_visible(member)))
    )


def unread(member: Any) -> ColumnElement[int]:
    """How many of a member's are unread, as a scalar beside their session: of a thread that was closed to them meanwhile it says no more
    than that there is something, and the page then shows what may be seen."""
    few = (
        select(N.id)
        .outerjoin(ReadMark, _READ_THERE)
        .where(N.member_id == member, N.read_at.is_(None), or_(ReadMark.position.is_(None), ReadMark.position < N.position))
        .limit(MOST)
        .correlate_except(N, ReadMark)
        .subquery()
    )
    return select(func.count()).select_from(few).scalar_subquery()


_DUE = select(N.member_id).where(N.mail_at <= bindparam("now")).distinct().order_by(N.member_id)
_WAITING: Any = (
    select(N.id, N.member_id, N.thread_id, N.position)
    .where(N.member_id.in_(bindparam("ids", expanding=True)), N.mail_at.is_not(None))
    .order_by(N.member_id, N.id)
)
_WAITING_LOCKED = _WAITING.with_for_update(skip_locked=True)


def due(conn: Connection, now: dt.datetime, most: int) -> list[int]:
    """The members for whom something waits to be mailed since before now."""
    return list(conn.execute(_DUE.limit(most), {"now": now}).scalars())


def waiting(session: Session, members: list[int]) -> list[Row[Any]]:
    """All that waits for these members, also what isn't due yet; locked until the transaction ends, and without what others hold."""
    statement = _WAITING if session.connection().dialect.name == "sqlite" else _WAITING_LOCKED
    return list(session.execute(statement, {"ids": members}).all())


def mine(session: Session, member_id: int, ids: list[int]) -> list[Notification]:
    """Those of these that are the member's own and not marked as read."""
    statement = select(N).where(N.member_id == member_id, N.read_at.is_(None), N.id.in_(ids))
    return list(session.execute(statement).scalars())
