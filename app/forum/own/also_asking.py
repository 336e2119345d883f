""" "I ask this too": a member says so of a question once, and all see how many did. Nobody is told who, the asker neither."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.core.sql import insert_into
from app.forum import access
from app.forum.masks import access as masks
from app.forum.models import Thread, ThreadKind
from app.forum.own.models import AlsoAsks


def ask_too(session: Session, actor: Actor, thread_id: int) -> int:
    """How many said so by now; said again, it counts no more."""
    thread = _question(session, actor, thread_id)
    if masks.is_own(session, actor, thread_id, thread):
        raise Forbidden("This question is your own.")
    values = {"thread_id": thread_id, "member_id": actor.member_id, "at": clock.now()}
    statement = insert_into(session, AlsoAsks.__table__).values(values).on_conflict_do_nothing().returning(AlsoAsks.thread_id)
    return _counted(session, actor, thread, "question.ask_too", int(session.execute(statement).first() is not None))


def take_back(session: Session, actor: Actor, thread_id: int) -> int:
    thread = _question(session, actor, thread_id)
    mine = (AlsoAsks.thread_id == thread_id, AlsoAsks.member_id == actor.member_id)
    gone = session.execute(delete(AlsoAsks).where(*mine).returning(AlsoAsks.thread_id)).first() is not None
    return _counted(session, actor, thread, "question.ask_no_more", -int(gone))


def _question(session: Session, actor: Actor, thread_id: int) -> Thread:
    thread, _slug, _right = access.thread_for_act(session, actor, thread_id)
    if not actor.may_write:
        raise Forbidden("You can read this, but not say anything to it.")
    if thread.kind != ThreadKind.QUESTION:
        raise Conflict("Only a question can be asked by several.")
    if access.reply_for_act(session, thread, 0).hidden_at is not None:
        raise Conflict("A moderator has hidden this question.")
    return thread


def _counted(session: Session, actor: Actor, thread: Thread, verb: str, more: int) -> int:
    """The thread's row is locked, so that none is lost."""
    if more:
        thread.also_ask += more
        audit.record(session, actor, verb, ("thread", thread.id))
    return thread.also_ask
