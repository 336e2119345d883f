"""The second fence for mail that came in. A message is its author's own; what was cut of one that was posted, the moderators of its forum
read too; the raw message its author alone, and the audit (M9): who may read the log, by a verb that stands in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Delete, Row, Select, bindparam, delete, func, select
from sqlalchemy.orm import Session, undefer

from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.forum.access import ME, may_moderate, right_in, visible_threads
from app.forum.masks import access as masks
from app.forum.models import Thread
from app.mail.inbound.models import InboundMessage, InboundState

M = InboundMessage
SHOWN = (InboundState.POSTED, InboundState.HELD, InboundState.REFUSED, InboundState.DROPPED)
_SHOWN = (M.id, M.received_at, M.state, M.reason, M.title, M.thread_id, M.position)


def visible_messages(*columns: Any, member: Any = ME) -> Select[Any]:
    """What this member sent, whatever became of it."""
    return select(*(columns or _SHOWN)).where(M.member_id == member, M.state.in_(SHOWN))


_LIST = visible_messages().where(M.id < bindparam("before")).order_by(M.id.desc()).limit(bindparam("limit"))
_ONE = visible_messages(*_SHOWN, M.forum_id, M.body, M.cut, M.size).where(M.id == bindparam("id"))


def mine(conn: Connection, actor: Actor, before: int, limit: int) -> list[Row[Any]]:
    return list(conn.execute(_LIST, {"me": actor.member_id, "before": before, "limit": limit}).all())


def one(conn: Connection, actor: Actor, message_id: int) -> Row[Any]:
    row = conn.execute(_ONE, {"me": actor.member_id, "id": message_id}).first()
    if row is None:
        raise NotFound
    return row


def raw(conn: Connection, actor: Actor, message_id: int) -> bytes:
    """The message as it came, compressed."""
    found = conn.execute(visible_messages(M.raw).where(M.id == bindparam("id")), {"me": actor.member_id, "id": message_id}).first()
    if found is None:
        raise NotFound
    return bytes(found.raw)


def for_act(session: Session, actor: Actor, message_id: int) -> InboundMessage:
    """One of one's own, locked until the transaction ends."""
    statement = visible_messages(M, member=actor.member_id).where(M.id == message_id).with_for_update()
    found: InboundMessage | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


_CUT = (
    visible_threads(
        Thread.id,
        Thread.title,
        M.cut,
        M.member_id,
        right_in(Thread.forum_id).label("right"),
        masks.writes_masked(M.thread_id, M.member_id).label("is_masked"),
    )
    .join(M, (M.thread_id == Thread.id) & (M.position == bindparam("position")) & (M.state == InboundState.POSTED))
    .where(Thread.id == bindparam("thread"))
)


def cut_of(conn: Connection, actor: Actor, thread_id: int, position: int) -> Row[Any]:
    """What was cut of a message that came by mail: for its author and the forum's moderators; of a masked one, whose signature it may be,
    for its author alone."""
    row = conn.execute(_CUT, {"me": actor.member_id, "thread": thread_id, "position": position}).first()
    if row is None or not (row.member_id == actor.id or (may_moderate(actor, row.right) and not row.is_masked)):
        raise NotFound
    return row


# For the audit: that a message came, and what became of it; none of its words but by `auditing.look` -------------------------------


def audited_messages(actor: Actor, *columns: Any) -> Select[Any]:
    """Every message that came, for who may read the log; but not of whoever is masked where it was to go: that takes two (masks/)."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    return select(*(columns or _ENVELOPE)).where(~masks.writes_masked(M.thread_id, M.member_id))


_ENVELOPE = (M.id, M.received_at, M.sender, M.recipient, M.state, M.reason, M.size, M.member_id)


def came_in(conn: Connection, actor: Actor, before: int, limit: int) -> list[Row[Any]]:
    return list(conn.execute(audited_messages(actor).where(M.id < before).order_by(M.id.desc()).limit(limit)).all())


def one_that_came(conn: Connection, actor: Actor, message_id: int, *columns: Any) -> Row[Any]:
    row = conn.execute(audited_messages(actor, *columns).where(M.id == message_id)).first()
    if row is None:
        raise NotFound
    return row


# For the system, which takes messages in ------------------------------------------------------------------------------------


def known(session: Session, print_: bytes) -> InboundMessage | None:
    return session.execute(select(M).where(M.print == print_)).scalar_one_or_none()


def taken(session: Session, message_id: int) -> InboundMessage:
    """A message that was kept, with its bytes, locked until the transaction ends."""
    return session.execute(select(M).options(undefer(M.raw)).where(M.id == message_id).with_for_update()).scalar_one()


def posted_since(session: Session, member_id: int, since: Any) -> int:
    """How many messages of a member came since then and were not refused."""
    counts = (InboundState.POSTED, InboundState.HELD)
    statement = select(func.count()).select_from(M).where(M.member_id == member_id, M.received_at > since, M.state.in_(counts))
    return session.execute(statement).scalar_one()


_NEWEST = (
    select(M.received_at, M.state, M.thread_id).where(M.member_id == bindparam("member")).order_by(M.id.desc()).limit(bindparam("most"))
)
_NOBODYS = select(M.received_at, M.state, M.thread_id).where(M.member_id.is_(None)).order_by(M.id.desc()).limit(bindparam("most"))
MOST_COUNTED = 400


def unposted_since(conn: Connection, member_id: int | None, thread_id: int | None, since: Any) -> tuple[int, int]:
    """How many messages came since then for a member, or for none, and were not posted; how many of these for a thread."""
    newest = _NOBODYS if member_id is None else _NEWEST.params(member=member_id)
    rows = conn.execute(newest, {"most": MOST_COUNTED}).all()
    found = [row for row in rows if row.received_at > since and row.state not in (InboundState.POSTED, InboundState.HELD)]
    return len(found), sum(row.thread_id == thread_id for row in found)


def is_known(conn: Connection, print_: bytes) -> bool:
    return conn.execute(select(M.id).where(M.print == print_)).first() is not None


def left_over(conn: Connection, before: Any) -> list[int]:
    """Messages that were kept and never judged: their process died."""
    return list(conn.execute(select(M.id).where(M.state == InboundState.RECEIVED, M.received_at < before).limit(50)).scalars())


def nobodys(before: Any) -> Delete:
    """Taking away what no member is known to have sent, and nobody can see."""
    return delete(M).where(M.member_id.is_(None), M.judged_at.is_not(None), M.received_at < before)
