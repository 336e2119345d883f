"""The second fence for addresses' health: whether mail still goes to an address is asked here by everything that sends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.mail.health.models import AddressHealth, HealthState

_OFF = AddressHealth.state == HealthState.SUPPRESSED
_SUPPRESSED = select(AddressHealth.email).where(_OFF, AddressHealth.email.in_(bindparam("emails", expanding=True)))


def takes_mail(email: Any) -> ColumnElement[bool]:
    """Whether an address (a column) is still sent to."""
    return ~exists().where(AddressHealth.email == email, _OFF)


def suppressed(conn: Connection | Session, emails: list[str]) -> set[str]:
    """Those of these addresses to which nothing is sent any more."""
    return set(conn.execute(_SUPPRESSED, {"emails": emails}).scalars()) if emails else set()


def health_of(session: Session, email: str) -> AddressHealth | None:
    """An address's row, locked until the transaction ends."""
    statement = select(AddressHealth).where(AddressHealth.email == email).with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


_MINE: Any = select(AddressHealth.email, AddressHealth.state, AddressHealth.said, AddressHealth.last_at).where(
    AddressHealth.account_id == bindparam("me")
)


def my_health(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """One's own addresses from which mail came back."""
    return list(conn.execute(_MINE, {"me": actor.member_id}).all())


def for_lifting(session: Session, actor: Actor, email: str) -> AddressHealth:
    """A suppressed address of one's own, or any for an administrator."""
    row = health_of(session, email)
    if row is None or not (row.account_id == actor.id or actor.may(Right.ADMIN)):
        raise NotFound
    return row


def suppressed_ones(actor: Actor) -> Select[Any]:
    """All addresses to which nothing is sent, for administrators, the newest first."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    h = AddressHealth
    columns: tuple[Any, ...] = (h.email, h.account_id, h.cause, h.said, h.suppressed_at)
    return select(*columns).where(_OFF).order_by(h.suppressed_at.desc(), h.email)
