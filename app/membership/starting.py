"""A member's first steps are done, or put away: then the first page speaks of them no more."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.membership.models import Member


def finish(session: Session, actor: Actor, *, put_away: bool) -> None:
    """Once, however often it is asked."""
    mine = update(Member).where(Member.id == actor.member_id, Member.start_done_at.is_(None))
    if session.connection().execute(mine.values(start_done_at=clock.now())).rowcount:
        audit.record(session, actor, "start.put_away" if put_away else "start.done", ("member", actor.member_id))
