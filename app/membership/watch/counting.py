"""How much of the directory one member may take in an hour, and who is told when somebody takes more (C14).

What is shown is counted and committed before it is sent, so that many requests at once count as many.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.throttle import counted
from app.core import audit
from app.core.access import Actor
from app.core.db import Database
from app.core.errors import TooMany
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.membership import access
from app.membership.models import Role
from app.membership.watch.models import Alarm, DirectoryAlert

PAGES_AN_HOUR = 60  # other members' pages: addresses and numbers stand there alone
LISTED_AN_HOUR = 2_000  # entries of lists, whether found, paged through or asked for by a script
HOUR = dt.timedelta(hours=1)


def count_page(session: Session, actor: Actor, now: dt.datetime) -> int:
    """One more page of another member in this hour."""
    count = counted(session, f"member pages {actor.member_id}", HOUR, now)
    if count == PAGES_AN_HOUR + 1:
        raise_alarm(session, actor, Alarm.PAGES, now)
    return count


def require_page(count: int) -> None:
    if count > PAGES_AN_HOUR:
        raise TooMany(f"You have opened {PAGES_AN_HOUR} members' pages within an hour. Please go on later.", retry_after=3600)


def count_listed(session: Session, actor: Actor, entries: int, now: dt.datetime) -> int:
    """So many more entries in lists in this hour. A list of none counts as one: asking in vain tells something, too."""
    more = max(1, entries)
    count = counted(session, f"member lists {actor.member_id}", HOUR, now, by=more)
    if count - more <= LISTED_AN_HOUR < count:
        raise_alarm(session, actor, Alarm.LISTS, now)
    return count


def show_listed(db: Database, actor: Actor, entries: int, now: dt.datetime) -> None:
    """Called with a list that was read and is not shown yet; TooMany where it must not be."""
    with db.write() as session:
        count = count_listed(session, actor, entries, now)
    if count > LISTED_AN_HOUR:
        raise TooMany(f"You have listed {LISTED_AN_HOUR:,} members within an hour. Please go on later.", retry_after=3600)


def raise_alarm(session: Session, actor: Actor, reason: Alarm, now: dt.datetime) -> None:
    """For the log, the administrators' page and their mail. The letter says that there is something, not who or what."""
    if counted(session, f"directory alarm {reason} {actor.member_id}", HOUR, now) > 1:
        return
    alert = DirectoryAlert(member_id=actor.member_id, member_name=actor.name, reason=reason, raised_at=now)
    session.add(alert)
    session.flush()
    audit.record(session, actor, "directory.alert", ("member", actor.member_id), outcome="refused", reason=reason)
    admins = access.holders(session, Role.ADMIN).subquery()
    for to in session.execute(select(Account.email).where(Account.id.in_(select(admins.c.member_id)))).scalars():
        key = f"directory-alert:{alert.id}"
        mail.queue(session, Letter("account", to, "directory-alert", "Somebody may be copying the directory", key))
