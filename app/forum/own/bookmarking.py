"""Threads that a member wants to find again, and reminders about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock, jobs
from app.core.access import Actor
from app.core.db import Database
from app.core.errors import Invalid
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum import access
from app.forum.own.access import bookmark_of, reminded
from app.forum.own.models import Bookmark
from app.membership import access as members

FARTHEST = dt.timedelta(days=2 * 366)
REMIND = "bookmark.remind"


def register() -> None:
    """Called once at start-up."""
    jobs.handler(REMIND)(remind)


def keep(session: Session, actor: Actor, thread_id: int, remind_at: dt.datetime | None) -> None:
    """Kept already, it is kept with this reminder."""
    access.thread_seen(session, actor, thread_id)
    now = clock.now()
    if remind_at is not None and not now < remind_at <= now + FARTHEST:
        raise Invalid(remind_at="Please choose a time within the next two years.")
    found = bookmark_of(session, actor.member_id, thread_id)
    if found is None:
        session.add(Bookmark(member_id=actor.member_id, thread_id=thread_id, at=now, remind_at=remind_at))
    else:
        found.remind_at = remind_at
    if remind_at is not None:
        jobs.enqueue(session, REMIND, {"member": actor.member_id, "thread": thread_id, "at": remind_at.isoformat()}, run_at=remind_at)


def let_go(session: Session, actor: Actor, thread_id: int) -> None:
    """Also one of a thread that was closed to them since."""
    found = bookmark_of(session, actor.member_id, thread_id)
    if found is None:
        access.thread_seen(session, actor, thread_id)
    else:
        session.delete(found)


def remind(db: Database, payload: dict[str, Any]) -> None:
    member, thread, at = payload["member"], payload["thread"], dt.datetime.fromisoformat(payload["at"])
    with db.write() as session:
        to = members.address_of_current(session, member)
        if to is None or not reminded(session, member, thread, at):
            return
        path, key = f"/threads/{thread}", f"bookmark:{thread}:{payload['at']}"
        subject = "You asked to be reminded of a thread"
        mail.queue(session, Letter("notification", to, "bookmark", subject, key, {"path": path}, member, topic="bookmark", page=path))
