"""What a reader keeps: how far they read, and how closely they watch."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Table, bindparam, delete, literal, select, update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.sql import insert_into
from app.core.together import Said
from app.forum import access
from app.forum.models import ReadMark, Thread, Watch, WatchLevel
from app.membership.models import Member

_MARKS: Table = ReadMark.__table__  # type: ignore[assignment]
_MARKS_MOVED = update(Member.__table__).where(Member.id == bindparam("me")).values(read_version=Member.read_version + 1)  # type: ignore[arg-type]
# Who replies has read up to there only if nothing stood between: the messages they skipped stay new.
_MARK_OWN = (
    update(_MARKS)
    .where(_MARKS.c.member_id == bindparam("me"), _MARKS.c.thread_id == bindparam("thread"), _MARKS.c.position == bindparam("before"))
    .values(position=bindparam("here"), read_at=bindparam("at"))
)


NOTHING = -1
"""A mark before the opening message: nothing of the thread was read."""


def _marks_moved(session: Session, actor: Actor) -> None:
    session.connection().execute(_MARKS_MOVED, {"me": actor.member_id})


def mark_read(session: Session, actor: Actor, thread_id: int, position: int, *, back: bool = False) -> None:
    """The reader has seen everything up to `position`. A mark only moves forward, unless it is set `back` on purpose."""
    statement = insert_into(session, _MARKS).values(member_id=actor.member_id, thread_id=thread_id, position=position, read_at=clock.now())
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=[_MARKS.c.member_id, _MARKS.c.thread_id],
        set_={"position": new.position, "read_at": new.read_at},
        where=None if back else _MARKS.c.position < new.position,
    ).returning(_MARKS.c.position)
    if session.connection().execute(statement).first() is not None:
        _marks_moved(session, actor)


def set_read_mark(session: Session, actor: Actor, thread_id: int, position: int) -> int:
    """Put one's mark at a position of a visible thread, forward or back; the position it has then."""
    thread = access.thread_seen(session, actor, thread_id)
    position = min(position, thread.last_position)
    mark_read(session, actor, thread_id, position, back=True)
    return position


def read_up_to(session: Session, actor: Actor, thread_id: int, position: int) -> None:
    """Mark a visible thread as read up to a position, never back."""
    thread = access.thread_seen(session, actor, thread_id)
    mark_read(session, actor, thread_id, min(position, thread.last_position))


def marks_own(actor: Actor, thread_id: int, position: int, at: dt.datetime) -> list[Said]:
    """What an author who had read all that came before writes by posting at `position`: they have read that too."""
    moved = {"me": actor.member_id, "thread": thread_id, "before": position - 1, "here": position, "at": at}
    return [Said(_MARK_OWN, moved), Said(_MARKS_MOVED, {"me": actor.member_id})]


def start_mark(session: Session, actor: Actor, thread_id: int, position: int) -> None:
    """Who has no mark in a thread that counts as read up to `position` gets one there, before they write in it."""
    values = {"member_id": actor.member_id, "thread_id": thread_id, "position": position, "read_at": clock.now()}
    session.connection().execute(insert_into(session, _MARKS).values(values).on_conflict_do_nothing())


def mark_all_read(session: Session, actor: Actor) -> None:
    """Everything there is now counts as read: marks for what is new, and a date for all that is older."""
    _mark_newer(session, actor)
    me, now = actor.member_id, clock.now()
    session.execute(update(Member).where(Member.id == me).values(read_before=now, read_version=Member.read_version + 1))


def mark_forum_read(session: Session, actor: Actor, forum_id: int) -> None:
    """The same for one forum, which was reached through the actor: by marks alone."""
    _mark_newer(session, actor, Thread.forum_id == forum_id)
    _marks_moved(session, actor)


def _mark_newer(session: Session, actor: Actor, *which: ColumnElement[bool]) -> None:
    me, now = actor.member_id, clock.now()
    before = select(Member.read_before).where(Member.id == me).scalar_subquery()
    newer = select(literal(me), Thread.id, Thread.last_position, literal(now, type_=_MARKS.c.read_at.type)).where(
        access.is_visible(me), Thread.last_reply_at > before, *which
    )
    statement = insert_into(session, _MARKS).from_select(["member_id", "thread_id", "position", "read_at"], newer)
    new = statement.excluded
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[_MARKS.c.member_id, _MARKS.c.thread_id], set_={"position": new.position, "read_at": new.read_at}
        )
    )


def watch(session: Session, actor: Actor, thread_id: int, level: WatchLevel) -> None:
    """How closely one follows a thread. `normal` is what a thread has without a choice."""
    access.thread_seen(session, actor, thread_id)
    session.execute(delete(Watch).where(Watch.member_id == actor.member_id, Watch.thread_id == thread_id))
    if level is not WatchLevel.NORMAL:
        session.add(Watch(member_id=actor.member_id, thread_id=thread_id, level=level))
    _marks_moved(session, actor)
    audit.record(session, actor, "thread.watch", ("thread", thread_id), level=level)


def unwatch(session: Session, member_id: int, thread_id: int) -> bool:
    """What a stop link of a watched thread's mail does, without a session; whether there was a watch."""
    mine = delete(Watch).where(Watch.member_id == member_id, Watch.thread_id == thread_id)
    if not session.connection().execute(mine).rowcount:
        return False
    session.execute(update(Member).where(Member.id == member_id).values(read_version=Member.read_version + 1))
    return True
