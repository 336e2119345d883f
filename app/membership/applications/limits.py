"""How many applications may come: counted for an address and for a network, in the transaction that takes the application (V9)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.accounts.throttle import counted
from app.core.errors import TooMany

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
