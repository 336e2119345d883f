"""Taking an earlier version of a message out of members' view. It stays for the record."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.forum import access as forum
from app.forum.history import access
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.operations.moderating import signed

BY_AUTHOR = "its author"


@dataclass(frozen=True, slots=True)
class Where:
    """An earlier version of a message."""

    thread_id: int
    position: int
    version: int


def strike(session: Session, actor: Actor, where: Where, reason: str) -> None:
    """A moderator says why; an author need not."""
    thread, _slug, right = forum.thread_for_act(session, actor, where.thread_id)
    message = forum.reply_for_act(session, thread, where.position)
    is_own = masks.is_own(session, actor, thread.id, message)
    access.require_strike(actor, right, is_own=is_own)
    if not is_own and not reason:
        raise Invalid(reason="Please say why: its author and other moderators read it.")
    version = access.revision_for_act(session, message, where.version)
    if version.struck_at is not None:
        raise Conflict("It is struck already.")
    version.struck_at, version.strike_reason = clock.now(), reason
    version.struck_by = BY_AUTHOR if is_own else signed(actor)
    who = byline.veiled(actor, message) if is_own else actor
    audit.record(session, who, "reply.strike", ("thread", thread.id), position=where.position, version=where.version, reason=reason)
