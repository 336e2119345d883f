"""Reviewers are told by mail of cases that have waited for longer than a day: one letter a day, with the number of cases and a link.
Nothing of an applicant's stands in it, and nobody is told of cases that they may not sign or not see."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.site import read as read_site
from app.membership import access
from app.membership.actors import actor_of
from app.membership.applications import queue
from app.membership.models import Role

PATIENCE = dt.timedelta(hours=24)
EARLIEST = 8  # o'clock, in the association's zone


def run(db: Database, settings: Settings) -> int:
    """How many reviewers were written to, or had been today. Doing it again writes no second letter on the same day."""
    now = clock.now()
    with db.read() as conn:
        today = now.astimezone(ZoneInfo(read_site(conn, settings).time_zone))
    if today.hour < EARLIEST:
        return 0
    with db.write() as session:
        reviewers = session.execute(access.holders(session, Role.REVIEWER)).scalars().all()
        return sum(_remind(session, reviewer, now, today.date()) for reviewer in reviewers)


def _remind(session: Session, reviewer: int, now: dt.datetime, today: dt.date) -> bool:
    count = session.execute(queue.waiting_since(actor_of(session, reviewer), now - PATIENCE, now)).scalar_one()
    if not count:
        return False
    to = session.get_one(Account, reviewer).email
    subject = "An application waits for a reviewer" if count == 1 else "Applications wait for a reviewer"
    values = {"count": count, "most": queue.MOST_COUNTED}
    mail.queue(
        session, Letter("application", to, "review-reminder", subject, f"review-reminder:{today}", values, reviewer, page="/moderation")
    )
    return True
