"""A year after an agency adopted something, whoever said so is asked how it went: once, while they are there and may read the lesson."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import Database
from app.core.errors import Refusal
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum import access as forum
from app.forum.adoptions import access
from app.forum.adoptions.models import Adoption
from app.membership import access as members
from app.membership.actors import actor_of

AFTER = dt.timedelta(days=365)
AT_ONCE = 200


def run(db: Database) -> int:
    """How many were due. Each in a transaction of its own; what another worker took is passed over."""
    done = 0
    while due := _due(db):
        for thread_id, agency_id in due:
            with db.write() as session:
                ask(session, thread_id, agency_id)
        done += len(due)
    return done


def _due(db: Database) -> list[tuple[int, int]]:
    with db.read() as conn:
        return [(row.thread_id, row.agency_id) for row in conn.execute(access.to_ask(clock.now() - AFTER, AT_ONCE))]


def ask(session: Session, thread_id: int, agency_id: int) -> None:
    """Neither title nor words of the lesson: its marking needs no asking then."""
    one = (Adoption.thread_id == thread_id, Adoption.agency_id == agency_id, Adoption.asked_at.is_(None))
    taken = session.execute(update(Adoption).where(*one).values(asked_at=clock.now()).returning(Adoption.member_id, Adoption.adopted_at))
    row = taken.first()
    if row is None or not _may_say(session, row.member_id, thread_id, agency_id):
        return
    to = members.address_of_current(session, row.member_id)
    if to is not None:
        key = f"adoption:{thread_id}:{agency_id}:{row.adopted_at:%Y-%m-%d}"
        page = f"/threads/{thread_id}/adoption"
        letter = Letter("notification", to, "adoption-asked", SUBJECT, key, {"path": page}, row.member_id, topic="lesson", page=page)
        mail.queue(session, letter)


def _may_say(session: Session, member_id: int, thread_id: int, agency_id: int) -> bool:
    """Whether they speak for that agency still, and see the lesson at this moment."""
    try:
        actor = actor_of(session, member_id)
        return access.require_adopt(actor) == agency_id and forum.sees_thread(session, actor, thread_id)
    except Refusal:
        return False


SUBJECT = "How did it go? Your agency adopted something a year ago"
