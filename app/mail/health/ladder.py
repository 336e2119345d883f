"""An address's health goes down by steps and comes back by itself: a soft bounce counts once a day and is stale after a week without
another; after five the member is warned, and after three warnings nothing is sent there any more. What is gone for good is at the foot
of the ladder at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.config import Settings
from app.mail import outbox
from app.mail.health import access
from app.mail.health.models import AddressHealth, HealthState
from app.mail.notices import kinds
from app.mail.notices.operations import Line, tell
from app.membership.staying import bounce

STALE = dt.timedelta(days=7)
MOST_SOFT, MOST_WARNINGS, MOST_REFUSED = 5, 3, 3


@dataclass(frozen=True, slots=True)
class About:
    """The address, when the message was queued, and what the other server said."""

    settings: Settings
    email: str
    queued_at: dt.datetime
    said: str


def gone(session: Session, about: About) -> None:
    """The mailbox is not there: nothing more goes to it, and whose it is, is asked to confirm at once (V11)."""
    bounce.ask_now(session, about.settings, about.email, about.queued_at)  # the member's row first, as everywhere
    row = _row(session, about)
    suppress(session, row, "bounce")


def refused(session: Session, about: About) -> None:
    """Refused for good, but perhaps only that message: three of them count as gone."""
    row = _row(session, about)
    row.score += 1
    if row.score >= MOST_REFUSED:
        bounce.ask_now(session, about.settings, about.email, about.queued_at)
        suppress(session, row, "refused")


def soft(session: Session, about: About) -> None:
    """One step, once a day."""
    before = access.health_of(session, about.email)
    was = before.last_at if before is not None else None
    row = _row(session, about)
    if was is not None and was.date() == row.last_at.date() and row.score:
        return
    row.score = row.score + 1 if was is not None and row.last_at - was <= STALE else 1
    if row.score >= MOST_SOFT:
        _warn(session, row)


def _warn(session: Session, row: AddressHealth) -> None:
    row.score, row.warnings = 0, row.warnings + 1
    if row.warnings >= MOST_WARNINGS:
        suppress(session, row, "ladder")
    elif row.account_id is not None:
        text = f"Mail to {row.email} has come back for days. If that goes on, no more is sent there."
        tell(session, row.account_id, Line(kinds.SECURITY, text, f"health:{row.email}:{row.warnings}", "/settings/mail"))


def suppress(session: Session, row: AddressHealth, cause: str) -> None:
    """Nothing is sent there any more; what waits for it is not sent either."""
    if row.state == HealthState.SUPPRESSED:
        return
    row.state, row.cause, row.suppressed_at = HealthState.SUPPRESSED, cause, clock.now()
    outbox.drop_for(session, row.email)
    audit.record(session, system("mail"), "mail.suppress", ("account", row.account_id), cause=cause, said=row.said[:200])
    if row.account_id is not None:
        text = f"Mail to {row.email} comes back, so no more is sent there."
        tell(session, row.account_id, Line(kinds.SECURITY, text, f"suppressed:{row.email}:{row.suppressed_at:%Y%m%d}", "/settings/mail"))


def lift(session: Session, actor: Actor, email: str) -> None:
    """Mail goes there again, by its owner's or an administrator's word; what comes back counts anew."""
    row = access.for_lifting(session, actor, email)
    audit.record(session, actor, "mail.lift", ("account", row.account_id), cause=row.cause)
    session.delete(row)


def _row(session: Session, about: About) -> AddressHealth:
    """The address's row, locked, made if there is none."""
    now = clock.now()
    row = access.health_of(session, about.email)
    if row is None:
        row = AddressHealth(email=about.email, score=0, warnings=0, first_at=now, last_at=now, said="")
        session.add(row)
        session.flush()
    row.account_id = addresses.owner_of(session, about.email)  # whose it is now: addresses change hands
    row.last_at, row.said = now, about.said[:500]
    return row
