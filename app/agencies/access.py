"""The second fence for agencies. Their facts are public, but which of them are here, and who works there, is the members' alone.

A partner (a firm that sells to agencies) sees no agency at all: to partners, the list of agencies does not exist.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.agencies.models import Agency, AgencyDomain, FormerName, FormerOri
from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.core.matching import position_in
from app.core.sql import joined_texts

COLUMNS: tuple[Any, ...] = (
    Agency.id, Agency.ori, Agency.name, Agency.short_name, Agency.agency_type, Agency.state, Agency.county, Agency.city, Agency.region,
    Agency.sworn, Agency.civilian, Agency.population, Agency.version, Agency.merged_into, Agency.dissolved_on, Agency.successor_id,
)  # fmt: skip
_PUBLIC: tuple[Any, ...] = COLUMNS[:8]  # id to city: what every public register says
_EVERY: Select[Any] = select(*COLUMNS)
_ALL = _EVERY.where(Agency.merged_into.is_(None))
_BY_ID = _EVERY.where(Agency.id == bindparam("id"))
_FORMER_NAMES = (
    select(FormerName.name, FormerName.short_name, FormerName.until)
    .where(FormerName.agency_id == bindparam("id"))
    .order_by(FormerName.until.desc(), FormerName.id.desc())
)
_FORMER_ORIS = select(FormerOri.ori).where(FormerOri.agency_id == bindparam("id")).order_by(FormerOri.ori)
_FOR_EDIT = select(Agency).where(Agency.id == bindparam("id")).with_for_update()
_DOMAIN_COLUMNS: tuple[Any, ...] = (
    AgencyDomain.id, AgencyDomain.agency_id, AgencyDomain.domain, AgencyDomain.reason, AgencyDomain.added_by, AgencyDomain.added_name,
    AgencyDomain.added_at, AgencyDomain.approved_name, AgencyDomain.approved_reason, AgencyDomain.approved_at,
)  # fmt: skip
_COUNTS = AgencyDomain.approved_at.is_not(None)  # a domain that waits counts for nothing (V5)
_LISTED: Select[Any] = select(*_DOMAIN_COLUMNS).where(AgencyDomain.agency_id == bindparam("id")).order_by(AgencyDomain.domain)
_DOMAINS = _LISTED.where(_COUNTS)
_WAITING: Select[Any] = (
    select(*_DOMAIN_COLUMNS, Agency.name.label("agency"), Agency.state)
    .join(Agency, Agency.id == AgencyDomain.agency_id)
    .where(~_COUNTS)
    .order_by(AgencyDomain.id)
    .limit(100)
)
_DOMAIN = select(AgencyDomain).where(AgencyDomain.id == bindparam("domain_id")).with_for_update()
_HOLDERS = select(AgencyDomain.agency_id).where(AgencyDomain.domain == bindparam("domain"), _COUNTS).order_by(AgencyDomain.agency_id)


def may_see_agencies(actor: Actor) -> bool:
    return actor.member_class != "partner"  # membership.models names the classes, and stands above this package


def visible_agencies(actor: Actor) -> Select[Any]:
    """Agencies this actor may see, as COLUMNS; NotFound for someone to whom there are none."""
    if not may_see_agencies(actor):
        raise NotFound
    return _ALL


def every_id() -> Select[Any]:
    """The ids of all agencies, to be narrowed within a statement whose own rows were reached by their rule: it tells none of them."""
    return select(Agency.id)


def another() -> Any:
    """The table once more, for a statement about two agencies whose rows were reached by another rule (a case's, and its sponsor's)."""
    return aliased(Agency)


def agency_for(conn: Connection | Session, actor: Actor, agency_id: int) -> Row[Any]:
    visible_agencies(actor)
    row = conn.execute(_BY_ID, {"id": agency_id}).first()
    if row is None:
        raise NotFound
    return row


def public_agencies() -> Select[Any]:
    """For someone who applies and is no member yet: agencies of the public register that still exist, as the register says it. What
    the association wrote down itself (no ORI) is not among them: it would tell who is here."""
    return select(*_PUBLIC).where(Agency.ori.is_not(None), Agency.merged_into.is_(None), Agency.dissolved_on.is_(None))


def former_names(conn: Connection | Session, agency_id: int) -> list[Row[Any]]:
    """What an agency that was reached before was called, the latest first."""
    return list(conn.execute(_FORMER_NAMES, {"id": agency_id}))


def former_oris(conn: Connection | Session, agency_id: int) -> list[str]:
    return list(conn.execute(_FORMER_ORIS, {"id": agency_id}).scalars())


def states_of_agencies() -> Select[Any]:
    """The states that have an agency, one step in the index for each (a DISTINCT would read all rows)."""
    first = select(Agency.state).order_by(Agency.state).limit(1).subquery()
    found = select(first.c.state).cte("found", recursive=True)
    after = select(Agency.state).where(Agency.state > found.c.state).order_by(Agency.state).limit(1).scalar_subquery()
    found = found.union_all(select(after).where(found.c.state.is_not(None)))
    return select(found.c.state).where(found.c.state.is_not(None))


# Administration -------------------------------------------------------------------------------------------------------------


def agency_for_edit(session: Session, actor: Actor, agency_id: int) -> Agency:
    """The row, locked until the transaction ends; NotFound, and Forbidden for who is no administrator."""
    actor.require(Right.ADMIN)
    agency = session.execute(_FOR_EDIT, {"id": agency_id}).scalar_one_or_none()
    if agency is None:
        raise NotFound
    return agency


def lock_agency(session: Session, agency_id: int) -> Agency:
    """The row, locked, for a verb of a package above that has asked its own rule."""
    agency = session.execute(_FOR_EDIT, {"id": agency_id}).scalar_one_or_none()
    if agency is None:
        raise NotFound
    return agency


def on_any_record(conn: Connection | Session, hosts: set[str]) -> bool:
    """Whether one of these mail hosts lies at or under a domain on some agency's record. For rules that tell nobody which."""
    labels = [host.split(".") for host in hosts]
    above = {".".join(one[at:]) for one in labels for at in range(len(one) - 1)}
    return conn.execute(select(AgencyDomain.id).where(AgencyDomain.domain.in_(sorted(above)), _COUNTS).limit(1)).first() is not None


# Mail domains: for administrators and reviewers, since they tell which address would pass as whose -------------------------------


def may_see_domains(actor: Actor) -> bool:
    return actor.may(Right.ADMIN) or actor.may(Right.REVIEW)


def may_approve_domain(actor: Actor, domain: Any) -> bool:
    """Somebody else than the person who added it (V5)."""
    is_waiting = domain.approved_at is None and domain.added_by is not None
    return is_waiting and may_see_domains(actor) and actor.may_write and domain.added_by != actor.id


def domain_for_act(session: Session, actor: Actor, domain_id: int) -> AgencyDomain:
    """The row, locked until the transaction ends."""
    domain = session.execute(_DOMAIN, {"domain_id": domain_id}).scalar_one_or_none() if may_see_domains(actor) else None
    if domain is None:
        raise NotFound
    return domain


def domain_for_edit(session: Session, actor: Actor, agency_id: int, domain_id: int) -> AgencyDomain:
    actor.require(Right.ADMIN)
    domain = domain_for_act(session, actor, domain_id)
    if domain.agency_id != agency_id:
        raise NotFound
    return domain


def domains_of(conn: Connection | Session, actor: Actor, agency_id: int) -> list[Row[Any]]:
    """The mail domains that stand on an agency's record."""
    return list(conn.execute(_DOMAINS, {"id": agency_id})) if may_see_domains(actor) else []


def listed_domains(conn: Connection | Session, actor: Actor, agency_id: int) -> list[Row[Any]]:
    """An agency's mail domains with those that wait (no `approved_at`)."""
    return list(conn.execute(_LISTED, {"id": agency_id})) if may_see_domains(actor) else []


def waiting_domains(conn: Connection | Session, actor: Actor) -> list[Row[Any]]:
    """Mail domains of all agencies that wait for a second person, the oldest first."""
    return list(conn.execute(_WAITING)) if may_see_domains(actor) else []


def holders_of_domain(conn: Connection | Session, domain: str) -> list[int]:
    """The ids of the agencies whose record names this mail domain: one signal for reviewers, never proof."""
    return list(conn.execute(_HOLDERS, {"domain": domain}).scalars())


def approved_domains(conn: Connection | Session) -> list[str]:
    """Every approved mail domain of every agency: what a new address may not be taken for. System work."""
    return list(conn.execute(select(AgencyDomain.domain).where(AgencyDomain.approved_at.is_not(None))).scalars())


def domains_on_record(agency_id: Any) -> ColumnElement[Any]:
    """The mail domains that stand on the record of an agency, whose id is a column, with commas between; for a statement of ours."""
    mine = (AgencyDomain.agency_id == agency_id) & AgencyDomain.approved_at.is_not(None)
    return select(joined_texts(AgencyDomain.domain)).where(mine).scalar_subquery()


def state_of_approved() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two values, of which one is another as soon as a domain was approved or an approved one is gone."""
    count, last = (select(v).where(AgencyDomain.approved_at.is_not(None)) for v in (func.count(), func.max(AgencyDomain.approved_at)))
    return count.scalar_subquery(), last.scalar_subquery()


def by_oris(session: Session, oris: set[str]) -> dict[str, Row[Any]]:
    """Agencies that exist by these ORIs, for imports: system work."""
    wanted = sorted(oris)
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(wanted), 500):
        rows = session.execute(public_agencies().where(Agency.ori.in_(wanted[start : start + 500])))
        found |= {row.ori: row for row in rows}
    return found


def is_ori_taken(session: Session, ori: str) -> bool:
    """By an agency, or by one that was merged into another."""
    now, before = select(Agency.id).where(Agency.ori == ori), select(FormerOri.agency_id).where(FormerOri.ori == ori)
    return session.execute(now.union_all(before)).first() is not None


def id_by_ori(session: Session, ori: str) -> int | None:
    """Of an agency that exists."""
    there = (Agency.ori == ori, Agency.merged_into.is_(None), Agency.dissolved_on.is_(None))
    return session.execute(select(Agency.id).where(*there)).scalar_one_or_none()


def merged_oris(session: Session) -> set[str]:
    """ORIs of agencies that were merged into others, for the import."""
    return set(session.execute(select(FormerOri.ori)).scalars())


def kept(conn: Connection | Session, agency_id: int) -> int:
    """Where an agency's number leads by now: to itself, or to the one that it was merged into."""
    into = conn.execute(select(Agency.merged_into).where(Agency.id == agency_id)).scalar_one_or_none()
    return into or agency_id


def states_by_id(conn: Connection | Session, agency_ids: list[int]) -> list[Row[Any]]:
    """(id, state) of these agencies: work of the system's."""
    return list(conn.execute(select(Agency.id, Agency.state).where(Agency.id.in_(agency_ids))))


def ids_named(conn: Connection, typed: list[str], limit: int = 50) -> list[int]:
    """Agencies, also merged and dissolved ones, that have these words (naming.words), each after a blank: for finding what was written
    from there, where the agency's name stands for all who read it. Not to be shown."""
    values: dict[str, Any] = {f"word{i}": f" {word}" for i, word in enumerate(typed)}
    statement = select(Agency.id).where(*[position_in(Agency.search_text, bindparam(name)) > 0 for name in values])
    return list(conn.execute(statement.limit(limit), values).scalars())


def is_dissolved(conn: Connection | Session, agency_id: int | None) -> bool:
    return conn.execute(select(Agency.id).where(Agency.id == agency_id, Agency.dissolved_on.is_not(None))).first() is not None


def domains_to_move(session: Session, agency_id: int) -> list[AgencyDomain]:
    """Locked, for a merge."""
    statement = select(AgencyDomain).where(AgencyDomain.agency_id == agency_id).order_by(AgencyDomain.id).with_for_update()
    return list(session.execute(statement).scalars())


def all_by_ori(session: Session) -> dict[str, Row[Any]]:
    """Every agency that has an ORI, for the import: system work."""
    rows: Any = session.execute(select(*_PUBLIC, Agency.search_text, Agency.source).where(Agency.ori.is_not(None)))
    return {row.ori: row for row in rows}
