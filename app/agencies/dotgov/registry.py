"""What is known of a mail domain: to whom the .gov registry has it, and for which registered or approved name it may be taken."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, literal, select

from app.agencies import access
from app.agencies.addresses import look_alikes
from app.agencies.addresses.look_alikes import Finding, Record
from app.agencies.addresses.nearness import Names
from app.agencies.addresses.public_mail import public_mail_service
from app.agencies.addresses.registrable import registrable
from app.agencies.dotgov.models import GovDomain, GovRegistry
from app.core.db import serial_of
from app.core.kept import Kept

STALE = dt.timedelta(days=7)
_one = select(literal(1).label("one")).subquery()
_approved, _last_approved = access.state_of_approved()
_STATE = (
    select(
        access.domains_on_record().label("on_record"),
        _approved.label("approved"), _last_approved.label("last_approved"), GovRegistry.version, GovRegistry.dated, GovRegistry.size,
        GovDomain.domain, GovDomain.domain_type, GovDomain.organization, GovDomain.suborganization, GovDomain.city, GovDomain.state,
    )
    .select_from(_one)
    .outerjoin(GovRegistry, GovRegistry.id == 1)
    .outerjoin(GovDomain, GovDomain.domain == bindparam("name"))
)  # fmt: skip
_NAMES = select(GovRegistry.names, GovRegistry.letters).where(GovRegistry.id == 1)
_LIKE = select(GovDomain.domain).where(GovDomain.skeleton.in_(bindparam("skeletons", expanding=True))).order_by(GovDomain.domain).limit(1)
_AGE = select(GovRegistry.dated, GovRegistry.size).where(GovRegistry.id == 1)


class Known(NamedTuple):
    """What is known of a host. `state`: the registry's row of it (its `domain` is none for an unregistered one) and of when the registry
    is (`dated` is none while there is none)."""

    host: str
    name: str  # the part of it that somebody registered
    state: Row[Any]
    look_alike: Finding | None

    @property
    def compared(self) -> int:
        """Names that it was compared with."""
        return int((self.state.size or 0) + self.state.approved)

    @property
    def on_record(self) -> list[str]:
        """The agency's own mail domains."""
        return sorted((self.state.on_record or "").split())

    def is_stale(self, now: dt.datetime) -> bool:
        return self.state.dated is not None and is_stale(self.state.dated, now)


_Key = tuple[int, int | None, int, dt.datetime | None]
_lists: Kept[_Key, tuple[Names, Record]] = Kept(2)  # about 2 MB each; a second one while others still ask by the older state
_answers: Kept[tuple[_Key, str], tuple[Finding | None]] = Kept(500)


def known(conn: Connection, host: str, agency_id: int | None = None) -> Known:
    """`agency_id`: the agency that is claimed. For reviewers: it tells which address would pass as whose."""
    name = registrable(host).name
    state = conn.execute(_STATE, {"name": name, "agency_id": agency_id}).one()
    if state.domain is not None:
        return Known(host, name, state, None)
    key = (serial_of(conn), state.version, state.approved, state.last_approved)
    kept = _answers.get((key, host))
    if kept is None:
        kept = (_look_alike(conn, host, key),)
        _answers.put((key, host), kept)
    return Known(host, name, state, kept[0])


def is_stale(dated: dt.datetime, now: dt.datetime) -> bool:
    return now - dated > STALE


def age(conn: Connection) -> Row[dt.datetime, int] | None:
    """`dated` and `size` of the copy; nothing before the first import."""
    return conn.execute(_AGE).first()


def _lists_of(conn: Connection, key: _Key) -> tuple[Names, Record]:
    lists = _lists.get(key)
    if lists is None:
        row = conn.execute(_NAMES).first()
        lists = Names.unpacked(*row) if row else Names.of(()), Record.of(access.approved_domains(conn))
        _lists.put(key, lists)
    return lists


def _look_alike(conn: Connection, host: str, key: _Key) -> Finding | None:
    """For a host that is not registered. Odd letters speak for themselves; then what it looks like; then what it is near to."""
    gov, record = _lists_of(conn, key)
    if registrable(host).name in record.names or public_mail_service(host):
        return None
    shown = look_alikes.skeletons(host)
    like = conn.execute(_LIKE, {"skeletons": sorted(shown)}).scalar() or record.like(host, shown)
    if odd := look_alikes.odd_letters(host):
        return Finding(like, odd)
    if like:
        return Finding(like, look_alikes.how_alike(host, like))
    near = look_alikes.near_gov(host, gov) or look_alikes.near_record(host, record)
    return Finding(near, "is a slip of the finger away from") if near else None
