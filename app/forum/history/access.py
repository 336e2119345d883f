"""The second fence for a message's earlier versions, and until when it may have another. Whoever reads a thread reads how its messages were
edited; a version that was struck is its author's and the forum's moderators' alone, as a hidden message is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Forbidden, NotFound
from app.forum import access
from app.forum.models import Forum, Reply, ReplyRevision, Thread

MOST_SHOWN = 100


# Until when a message may be edited -----------------------------------------------------------------------------------------


def may_edit_at(actor: Actor, right: int, written_at: dt.datetime, hours: int | None) -> bool:
    """Whether a message of one's own may still be changed. The forum's moderators keep what they wrote for it up to date
    as long as it stands; others' words they never change."""
    return hours is None or clock.now() < written_at + dt.timedelta(hours=hours) or access.may_moderate(actor, right)


def require_edit_at(actor: Actor, right: int, written_at: dt.datetime, hours: int | None) -> None:
    if not may_edit_at(actor, right, written_at, hours):
        raise Forbidden(f"{rule_of(hours)} Write a reply that puts it right, or ask a moderator.")


def rule_of(hours: int | None) -> str:
    """The forum's rule as a sentence."""
    if hours is None:
        return "Messages can be edited at any time in this forum."
    if hours == 0:
        return "Messages can't be edited in this forum."
    length = f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else "an hour" if hours == 1 else f"{hours} hours"
    return f"A message can be edited for {length} after it was posted."


_HOURS = select(Forum.edit_hours).where(Forum.id == bindparam("forum"))


def edit_hours_of(session: Session, thread: Thread) -> int | None:
    """Of the forum of a thread that was reached through the actor."""
    hours: int | None = session.connection().execute(_HOURS, {"forum": thread.forum_id}).scalar_one()
    return hours


# Earlier versions -----------------------------------------------------------------------------------------------------------

_COLUMNS: Any = (
    ReplyRevision.version, ReplyRevision.body, ReplyRevision.html, ReplyRevision.written_at, ReplyRevision.replaced_at,
    ReplyRevision.struck_at, ReplyRevision.struck_by, ReplyRevision.strike_reason,
)  # fmt: skip
_REVISIONS: Any = (
    select(*_COLUMNS).where(ReplyRevision.reply_id == bindparam("reply_id")).order_by(ReplyRevision.version.desc()).limit(MOST_SHOWN)
)


def revisions(conn: Connection, reply_id: int) -> list[Row[Any]]:
    """The earlier versions of a message that was reached through the actor, the newest first."""
    return list(conn.execute(_REVISIONS, {"reply_id": reply_id}).all())


def may_see_version(revision: Row[Any], *, is_insider: bool) -> bool:
    """`is_insider`: its author or a moderator of the forum (forum.access.may_see_hidden)."""
    return revision.struck_at is None or is_insider


def may_strike(actor: Actor, right: int, *, is_own: bool) -> bool:
    """Who takes an earlier version out of view: its author and the forum's moderators."""
    return access.may_moderate(actor, right) or (is_own and actor.may_write)


def require_strike(actor: Actor, right: int, *, is_own: bool) -> None:
    if not may_strike(actor, right, is_own=is_own):
        raise Forbidden("Only a message's author and this forum's moderators can do that.")


_ONE = select(ReplyRevision).where(ReplyRevision.reply_id == bindparam("reply_id"), ReplyRevision.version == bindparam("version"))


def revision_for_act(session: Session, message: Reply, version: int) -> ReplyRevision:
    found: ReplyRevision | None = session.execute(_ONE, {"reply_id": message.id, "version": version}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


# What a moderator hid ---------------------------------------------------------------------------------------------------------


def only_one_hidden_since(session: Session, message: Reply, since: dt.datetime) -> bool:
    """Whether this message, and no other of its thread, was hidden after that moment and still is."""
    there = (Reply.thread_id == message.thread_id, Reply.hidden_at >= since)
    return list(session.execute(select(Reply.id).where(*there).limit(2)).scalars()) == [message.id]
