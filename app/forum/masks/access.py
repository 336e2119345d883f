"""The second fence for masks. A masked message holds the author that all see, who is nobody; here alone stands who wrote it.

What may be asked: which number is one's own; whether a message is one's own; for telling people of a message, who must be told or left
out, which is never shown; and for two officers together, who it is (operations.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.core.sql import constant
from app.forum.masks.models import ASKER, Mask, Unmasking

_OWN = select(Mask.number).where(Mask.thread_id == bindparam("thread"), Mask.member_id == bindparam("me"))


def own_number(conn: Connection | Session, actor: Actor, thread_id: int) -> int | None:
    """The actor's own number in a thread that was reached through them; None: they wrote nothing masked there."""
    return conn.execute(_OWN, {"thread": thread_id, "me": actor.member_id}).scalar_one_or_none()


def is_own(conn: Connection | Session, actor: Actor, thread_id: int, written: Any) -> bool:
    """Whether the actor wrote this message or thread: `written` is a row or an object with author_id and mask."""
    if not written.mask:
        return bool(written.author_id == actor.id)
    return own_number(conn, actor, thread_id) == int(written.mask)


def is_asker(thread_id: Any, member: Any) -> ColumnElement[bool]:
    """Whether this member (an id, a bind or a column) began the masked thread."""
    return exists().where(Mask.thread_id == thread_id, Mask.member_id == member, Mask.number == constant(ASKER))


def is_number_of(thread_id: Any, number: Any, member: Any) -> ColumnElement[bool]:
    """Whether this member has this number (a column) in the thread: for leaving out what is their own."""
    return exists().where(Mask.thread_id == thread_id, Mask.member_id == member, Mask.number == number)


def number_of(thread_id: Any, member: Any) -> ColumnElement[int | None]:
    """The member's own number in a thread, for a statement that they run themself; ASKER where they began it."""
    return select(Mask.number).where(Mask.thread_id == thread_id, Mask.member_id == member).scalar_subquery()


def writes_masked(thread_id: Any, member: Any) -> ColumnElement[bool]:
    """Whether this member (a column) has a mask in the thread: what else is kept of what they wrote there would say who it is."""
    return exists().where(Mask.thread_id == thread_id, Mask.member_id == member)


def number_for(session: Session, actor: Actor, thread_id: int, *, begins: bool) -> int:
    """The number under which the actor writes in this thread, given now if they have none. The thread's row is locked, or new."""
    own = own_number(session, actor, thread_id)
    if own is not None:
        return own
    last = session.execute(select(func.max(Mask.number)).where(Mask.thread_id == thread_id)).scalar_one_or_none()
    number = ASKER if begins else max(last or 0, ASKER) + 1
    session.add(Mask(thread_id=thread_id, member_id=actor.member_id, number=number))
    session.flush()
    return number


# For telling people of a message: never shown -------------------------------------------------------------------------------

_BEHIND = select(Mask.number, Mask.member_id).where(Mask.thread_id == bindparam("thread"))


def behind(conn: Connection, thread_id: int) -> Mapping[int, int]:
    """Who is behind each number of a thread, so that an asker hears of replies and nobody of their own message."""
    return {row.number: row.member_id for row in conn.execute(_BEHIND, {"thread": thread_id})}


def author_of(session: Session, written: Any) -> int:
    """Who wrote a thread or a message (an object of either), for telling them or leaving them out."""
    if not written.mask:
        return int(written.author_id)
    thread_id = getattr(written, "thread_id", written.id)
    return behind(session.connection(), thread_id)[written.mask]


def threads() -> Select[Any]:
    """The ids of threads with a masked message."""
    return select(Mask.thread_id)


def behind_many(thread_ids: Any) -> Select[Any]:
    """(thread_id, number, member_id) of these threads, likewise."""
    columns: tuple[Any, ...] = (Mask.thread_id, Mask.number, Mask.member_id)
    return select(*columns).where(Mask.thread_id.in_(thread_ids))


# For two officers together --------------------------------------------------------------------------------------------------


def require_officer(actor: Actor) -> None:
    if not actor.may(Right.ADMIN):
        raise NotFound
    if not actor.may_write:
        raise Forbidden("This needs the right to write.")


def latest_unmasking(conn: Connection | Session, thread_id: int, number: int) -> Row[Any] | None:
    """What officers asked last about a mask of a thread that was reached through one of them."""
    where = (Unmasking.thread_id == thread_id, Unmasking.number == number)
    columns: tuple[Any, ...] = tuple(Unmasking.__table__.c)
    return conn.execute(select(*columns).where(*where).order_by(Unmasking.id.desc()).limit(1)).first()


def is_looked_at(session: Session, thread_id: int) -> bool:
    """Whether an officer has asked who is behind a mask of this thread."""
    return session.execute(select(Unmasking.id).where(Unmasking.thread_id == thread_id).limit(1)).first() is not None


def member_behind(conn: Connection | Session, unmasking: Row[Any]) -> int:
    """Who it is, once two officers agreed."""
    if unmasking.agreed_at is None:
        raise NotFound
    statement = select(Mask.member_id).where(Mask.thread_id == unmasking.thread_id, Mask.number == unmasking.number)
    return conn.execute(statement).scalar_one()
