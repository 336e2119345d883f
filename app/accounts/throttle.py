"""Counts tries before they are checked, so that parallel guesses count exactly (A6).

A try is taken, and committed, before anything is verified. A success gives it back. Rows are keyed by a hash, whether the
address that was tried is one of ours or not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass

from sqlalchemy import case, delete, literal, null, update
from sqlalchemy.orm import Session

from app.accounts.models import Throttle
from app.core.db import UtcDateTime
from app.core.signing import token_hash
from app.core.sql import insert_into

UNTIL_RELEASED = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
WINDOW = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` in a window, then locked for `lock` (None: until an administrator releases it).

    A window that `renews` begins anew with each try: only quiet time forgets, so no run of tries slips between two windows.
    """

    tries: int
    lock: dt.timedelta | None = WINDOW
    renews: bool = False


PERSON = {"standard": Limit(5, renews=True), "strict": Limit(5, lock=None, renews=True)}
NETWORK = Limit(60)  # an agency's people may share one address
EVERYONE = Limit(3000)


def key_of(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).digest()


def network_of(address: str) -> str:
    """An IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ip if ip.version == 4 else ipaddress.ip_network((ip, 64), strict=False))


def take(session: Session, key: bytes, limit: Limit, now: dt.datetime) -> bool:
    """Count one try; False if there is none left. The last one locks at once: a success then unlocks."""
    until = literal(UNTIL_RELEASED if limit.lock is None else now + limit.lock, UtcDateTime)
    fresh = (Throttle.locked_until <= now) | (Throttle.locked_until.is_(None) & (Throttle.started_at <= now - WINDOW))
    held = Throttle.locked_until > now
    count = case((held, Throttle.count + 1), (fresh, 1), else_=Throttle.count + 1)
    statement = insert_into(session, Throttle).values(key=key, count=1, started_at=now, locked_until=None)
    taken = session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "count": count,
                "started_at": case((held, Throttle.started_at), (fresh | literal(limit.renews), now), else_=Throttle.started_at),
                "locked_until": case((held, Throttle.locked_until), (count >= limit.tries, until), else_=null()),
            },
        ).returning(Throttle.count)
    )
    count_now: int = taken.scalar_one()
    return count_now <= limit.tries


def give_back(session: Session, key: bytes) -> None:
    """A try that was no failure: one less. The lock it may have set goes with it."""
    session.connection().execute(
        update(Throttle).where(Throttle.key == key, Throttle.count > 0).values(count=Throttle.count - 1, locked_until=None)
    )


def forget(session: Session, *keys: bytes) -> None:
    """Success resets; so does an administrator."""
    session.connection().execute(delete(Throttle).where(Throttle.key.in_(keys)))


def counted(session: Session, what: str, window: dt.timedelta, now: dt.datetime, by: int = 1) -> int:
    """One more in this window, or `by` more, counted by one statement, so that two at once count as two."""
    is_over = Throttle.started_at <= now - window
    statement = (
        insert_into(session, Throttle)
        .values(key=token_hash(what), count=by, started_at=now, locked_until=now + window)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "count": case((is_over, by), else_=Throttle.count + by),
                "started_at": case((is_over, now), else_=Throttle.started_at),
                "locked_until": case((is_over, now + window), else_=Throttle.locked_until),  # keeps the row until it counts no more
            },
        )
        .returning(Throttle.count)
    )
    count_now: int = session.connection().execute(statement).scalar_one()
    return count_now


def clean(session: Session, now: dt.datetime) -> None:
    """Drop what counts no more. Locks that wait for an administrator stay."""
    idle = Throttle.started_at <= now - WINDOW
    session.connection().execute(delete(Throttle).where(idle, Throttle.locked_until.is_(None) | (Throttle.locked_until <= now)))
