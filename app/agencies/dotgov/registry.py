"""What is known of a mail domain: to whom the .gov registry has it, and for which registered or approved name it may be taken."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, literal, null, select

from app.agencies import access
from app.agencies.addresses import look_alikes
from app.agencies.addresses.look_alikes import Finding, Record
from app.agencies.addresses.nearness import Names
from app.agencies.addresses.public_mail import public_mail_service
from app.agencies.addresses.registrable import registrable
from app.agencies.dotgov.models import GovDomain, GovRegistry
from app.core.db import is_settled, serial_of
from app.core.kept import Kept

STALE = dt.timedelta(days=7)
_one = select(literal(1).label("one")).subquery()
_approved, _last_approved = access.state_of_approved()
_AT: tuple[Any, ...] = (
    _approved.label("approved"), _last_approved.label("last_approved"), GovRegistry.version.label("gov_version"),
    GovRegistry.dated.label("gov_dated"), GovRegistry.size.label("gov_size"),
)  # fmt: skip
_REGISTERED: Any = select(
    GovDomain.domain, GovDomain.domain_type, GovDomain.organization, GovDomain.suborganization, GovDomain.city, GovDomain.state
).where(GovDomain.domain == bindparam("name"))
_NAMES = select(GovRegistry.names, GovRegistry.letters).where(GovRegistry.id == 1)
_LIKE = select(GovDomain.domain).where(GovDomain.skeleton.in_(bindparam("skeletons", expanding=True))).order_by(GovDomain.domain).limit(1)
_AGE = select(GovRegistry.dated, GovRegistry.size).where(GovRegistry.id == 1)


def with_state(statement: Select[Any], agency_id: Any = None) -> Select[Any]:
    """A statement of one row that also says what `known` must know first: of when the registry and the approved names are, and which
    stand on the record of the agency whose id this column holds."""
    on_record = null() if agency_id is None else access.domains_on_record(agency_id)
    return statement.add_columns(on_record.label("on_record"), *_AT).outerjoin(GovRegistry, GovRegistry.id == 1)


_STATE = with_state(select(_one.c.one).select_from(_one))


class Known(NamedTuple):
    """What is known of a host. `registered`: the registry's row of it, none for an unregistered one. `state`: what `with_state` found."""

    host: str
    name: str  # the part of it that somebody registered
    state: Row[Any]
    registered: Row[Any] | None
    look_alike: Finding | None

    @property
    def dated(self) -> dt.datetime | None:
        """Of when the registry is; none while there is none."""
        dated: dt.datetime | None = self.state.gov_dated
        return dated

    @property
    def compared(self) -> int:
        """Names that it was compared with."""
        return int((self.state.gov_size or 0) + self.state.approved)

    @property
    def on_record(self) -> list[str]:
        """The agency's own mail domains."""
        return sorted(filter(None, (self.state.on_record or "").split(",")))

    def is_stale(self, now: dt.datetime) -> bool:
        return self.dated is not None and is_stale(self.dated, now)


_Key = tuple[int, int | None, int, dt.datetime | None]
_Answer = tuple[Row[Any] | None, Finding | None]
_lists: Kept[_Key, tuple[Names, Record]] = Kept(2)  # about 2 MB each; a second one while others still ask by the older state
_answers: Kept[tuple[_Key, str], _Answer] = Kept(500)


def known(conn: Connection, host: str, state: Row[Any] | None = None) -> Known:
    """`state`: a row of `with_state`, where there is one. For reviewers: it tells which address would pass as whose."""
    name = registrable(host).name
    state = conn.execute(_STATE).one() if state is None else state
    key = (serial_of(conn), state.gov_version, state.approved, state.last_approved)
    answer = _answers.get((key, host)) or _answer(conn, host, key)
    return Known(host, name, state, *answer)


def _answer(conn: Connection, host: str, key: _Key) -> _Answer:
    registered = conn.execute(_REGISTERED, {"name": registrable(host).name}).first()
    answer = registered, _look_alike(conn, host, key) if registered is None else None
    if is_settled(conn):
        _answers.put((key, host), answer)
    return answer


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
