"""How many applications may come: counted for an address and for a network, in the transaction that takes the application (V9)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import Throttle
from app.core.errors import TooMany
from app.core.signing import token_hash

LETTERS = 3  # to one address in a day
FROM_NETWORK = 20  # applications from one network in an hour
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def count_network(session: Session, network: str, now: dt.datetime) -> None:
    """Whoever sends too many is told so; it depends on the network alone, never on what was written."""
    if counted(session, f"apply network {network}", HOUR, now) > FROM_NETWORK:
        raise TooMany("Many applications came from your network in the last hour. Please try again later.", retry_after=3600)


def may_write_to(session: Session, email: str, now: dt.datetime) -> bool:
    """Whether one more letter may go to this address today. The applicant sees the same page either way: else it would tell that
    somebody applied with it."""
    return counted(session, f"apply address {email}", DAY, now) <= LETTERS


def counted(session: Session, what: str, window: dt.timedelta, now: dt.datetime) -> int:
    """One more in this window, counted by one statement, so that two at once count as two."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    is_over = Throttle.started_at <= now - window
    statement = (
        insert(Throttle)
        .values(key=token_hash(what), count=1, started_at=now, locked_until=now + window)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "count": case((is_over, 1), else_=Throttle.count + 1),
                "started_at": case((is_over, now), else_=Throttle.started_at),
                "locked_until": case((is_over, now + window), else_=Throttle.locked_until),  # keeps the row until it counts no more
            },
        )
        .returning(Throttle.count)
    )
    return session.connection().execute(statement).scalar_one()
