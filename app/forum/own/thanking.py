""" "This helped": a member says so of a message once, its author sees who did, and all see how many. No ranks come of it."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.core.sql import insert_into
from app.forum import access
from app.forum.masks import access as masks
from app.forum.models import Reply
from app.forum.own.models import Thanks


def thank(session: Session, actor: Actor, thread_id: int, position: int) -> int:
    """How many said so by now; said again, it counts no more."""
    reply = _reached(session, actor, thread_id, position)
    if masks.is_own(session, actor, thread_id, reply):
        raise Forbidden("This message is your own.")
    values = {"reply_id": reply.id, "member_id": actor.member_id, "at": clock.now()}
    statement = insert_into(session, Thanks.__table__).values(values).on_conflict_do_nothing().returning(Thanks.reply_id)
    added = session.execute(statement).first() is not None
    return _counted(session, actor, reply, "reply.thank", int(added))


def take_back(session: Session, actor: Actor, thread_id: int, position: int) -> int:
    reply = _reached(session, actor, thread_id, position)
    mine = delete(Thanks).where(Thanks.reply_id == reply.id, Thanks.member_id == actor.member_id).returning(Thanks.reply_id)
    gone = session.execute(mine).first() is not None
    return _counted(session, actor, reply, "reply.unthank", -int(gone))


def _reached(session: Session, actor: Actor, thread_id: int, position: int) -> Reply:
    thread, _slug, _right = access.thread_for_act(session, actor, thread_id)
    reply = access.reply_for_act(session, thread, position)
    if not actor.may_write:
        raise Forbidden("You can read this, but not say anything to it.")
    if reply.hidden_at is not None:
        raise Conflict("A moderator has hidden this message.")
    return reply


def _counted(session: Session, actor: Actor, reply: Reply, verb: str, more: int) -> int:
    if more:
        session.execute(update(Reply).where(Reply.id == reply.id).values(thanks=Reply.thanks + more))
        audit.record(session, actor, verb, ("thread", reply.thread_id), position=reply.position)
        session.refresh(reply, ["thanks"])
    return reply.thanks
