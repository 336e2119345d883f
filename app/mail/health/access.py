"""The second fence for addresses' health: whether mail still goes to an address is asked here by everything that sends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, select
from sqlalchemy.orm import Session

from app.mail.health.models import AddressHealth, HealthState

_OFF = AddressHealth.state == HealthState.SUPPRESSED
_SUPPRESSED = select(AddressHealth.email).where(_OFF, AddressHealth.email.in_(bindparam("emails", expanding=True)))


def takes_mail(email: Any) -> ColumnElement[bool]:
    """Whether an address (a column) is still sent to."""
    return ~exists().where(AddressHealth.email == email, _OFF)


def suppressed(conn: Connection | Session, emails: list[str]) -> set[str]:
    """Those of these addresses to which nothing is sent any more."""
    return set(conn.execute(_SUPPRESSED, {"emails": emails}).scalars()) if emails else set()
