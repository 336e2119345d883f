"""The second fence for addresses' health: whether mail still goes to an address is asked here by everything that sends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.accounts.addresses.models import AccountAddress
from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.mail.health.models import AddressHealth, HealthState

PLACE = (dt.datetime, str)  # of an address in the list
_OFF = AddressHealth.state == HealthState.SUPPRESSED
_SUPPRESSED = select(AddressHealth.email).where(_OFF, AddressHealth.email.in_(bindparam("emails", expanding=True)))


def takes_mail(email: Any) -> ColumnElement[bool]:
    """Whether an address (a column) is still sent to."""
    return ~exists().where(AddressHealth.email == email, _OFF)


def listed(conn: Connection | Session, actor: Actor, before: tuple[Any, ...] | None, limit: int) -> Sequence[Any]:
    """Addresses to which nothing is sent any more, for an administrator: the last first."""
    actor.require(Right.ADMIN)
    table = AddressHealth
    rows = select(table.email, table.said, table.cause, table.last_at, table.suppressed_at).where(_OFF)
    if before is not None:
        rows = rows.where(tuple_(table.last_at, table.email) < tuple_(*before))
    return conn.execute(rows.order_by(table.last_at.desc(), table.email.desc()).limit(limit)).all()


def how_many(conn: Connection | Session) -> int:
    """How many addresses nothing is sent to any more."""
    return conn.execute(select(func.count()).where(_OFF)).scalar_one()


def suppressed(conn: Connection | Session, emails: list[str]) -> set[str]:
    """Those of these addresses to which nothing is sent any more."""
    return set(conn.execute(_SUPPRESSED, {"emails": emails}).scalars()) if emails else set()


def health_of(session: Session, email: str) -> AddressHealth | None:
    """An address's row, locked until the transaction ends."""
    statement = select(AddressHealth).where(AddressHealth.email == email).with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


_MINE: Any = (
    select(AddressHealth.email, AddressHealth.state, AddressHealth.said, AddressHealth.last_at)
    .join(AccountAddress, AccountAddress.email == AddressHealth.email)
    .where(AccountAddress.account_id == bindparam("me"))
)
"""By whose the address is now: mail to it may have come back before it was a member's, or while it was another's."""


def my_health(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """One's own addresses from which mail came back."""
    return list(conn.execute(_MINE, {"me": actor.member_id}).all())


def for_lifting(session: Session, actor: Actor, email: str) -> AddressHealth:
    """A suppressed address of one's own, or any for an administrator."""
    row = health_of(session, email)
    if row is None or not (actor.may(Right.ADMIN) or addresses.owner_of(session, email) == actor.member_id):
        raise NotFound
    return row
