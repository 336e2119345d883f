"""Who may take back what they posted, and until when: its author, for ten seconds by the server's clock, and a second more for the
way here."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.forum.models import Reply
from app.forum.operations.writing import BY_MAIL, SETTLES
from app.forum.own.models import Draft, DraftOf

SHOWN_FOR = dt.timedelta(seconds=10)
TOO_LATE = "The ten seconds are over: it is posted. You can edit it instead."


def seconds_left(written_at: dt.datetime, now: dt.datetime) -> int:
    """For how long the page still offers it."""
    return max(0, round((written_at + SHOWN_FOR - now).total_seconds()))


def require_withdraw(actor: Actor, message: Reply, *, is_own: bool) -> None:
    if not is_own:
        raise Forbidden("Only its author can take a message back.")
    if not actor.may_write:
        raise Forbidden("You can read here, but not write.")
    if message.hidden_at is not None:
        raise Conflict("A moderator has hidden this message.")
    if message.arrived_by or clock.now() > message.created_at + SETTLES:
        raise Conflict(TOO_LATE)


def anything_about(column: Any, thread_id: int) -> Select[Any]:
    """Whether a table has a row about a thread that was reached through the actor: its column, compared."""
    return select(column).where(column == thread_id).limit(1)


_AFTER = (
    select(Reply)
    .where(Reply.thread_id == bindparam("thread"), Reply.position > bindparam("position"))
    .order_by(Reply.position)
)  # fmt: skip
_BEFORE: Any = (
    select(Reply.position, Reply.created_at, Reply.author_id)
    .where(Reply.thread_id == bindparam("thread"), Reply.position < bindparam("position"))
    .order_by(Reply.position.desc())
    .limit(1)
)


def after(session: Session, message: Reply) -> list[Reply]:
    """What was written since in its thread, all of it within seconds. Conflict if some of it is told already, and so has its place."""
    found = list(session.execute(_AFTER, {"thread": message.thread_id, "position": message.position}).scalars())
    if any(reply.arrived_by == BY_MAIL for reply in found):
        raise Conflict("An answer by mail came meanwhile, so it stays. You can edit it instead.")
    return found


def written_since(session: Session, withdrawn: Reply) -> list[Reply]:
    """The messages of its thread that may know of it or of what came after it: those after it, and what was edited since."""
    since = (Reply.position > withdrawn.position) | (Reply.edited_at >= withdrawn.created_at)
    there = (Reply.thread_id == withdrawn.thread_id, Reply.id != withdrawn.id)
    return list(session.execute(select(Reply).where(*there, since).order_by(Reply.position)).scalars())


def drafted_since(session: Session, withdrawn: Reply) -> list[Draft]:
    """The replies to its thread that anybody began, or went on with, since: the system's own work, and nobody is shown them."""
    there = (Draft.of == DraftOf.THREAD, Draft.about_id == withdrawn.thread_id, Draft.saved_at >= withdrawn.created_at)
    return list(session.execute(select(Draft).where(*there)).scalars())


def last_of(session: Session, thread_id: int, end: int) -> Row[Any]:
    """The last message of a thread before this position."""
    return session.execute(_BEFORE, {"thread": thread_id, "position": end}).one()
