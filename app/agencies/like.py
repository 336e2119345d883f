"""Agencies that are like another: of the same kind and about its size, near it first, each with why it is one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func

from app.agencies import above, access
from app.agencies.facts import TYPE_NAMES
from app.agencies.models import Agency
from app.core.access import Actor

MOST = 20
_SIZE = func.abs(Agency.sworn - bindparam("sworn"))
_BY_SIZE = Agency.sworn.between(bindparam("least"), bindparam("most"))
_BY_PEOPLE = Agency.population.between(bindparam("fewest_served"), bindparam("most_served"))
_AWAY: ColumnElement[int] = case(
    (and_(Agency.state == bindparam("state"), Agency.region == bindparam("region"), Agency.region != ""), 0),
    (Agency.state == bindparam("state"), 1), else_=2,
)  # fmt: skip


def like_statement(rows: Select[Any], by: ColumnElement[bool], order: ColumnElement[Any]) -> Select[Any]:
    """Those with members first: they can be asked."""
    staffed = case((Agency.id.in_(above.staffed()), 0), else_=1)
    same = (Agency.agency_type == bindparam("type"), Agency.id != bindparam("id"), Agency.dissolved_on.is_(None), by)
    return rows.where(*same).order_by(staffed, _AWAY, order, Agency.name, Agency.id).limit(MOST)


def agencies_like(conn: Connection, actor: Actor, agency: Row[Any]) -> list[Row[Any]]:
    """The nearest twenty, for who may see agencies. Where the size isn't known, the population decides; without either, none is like it."""
    rows = access.visible_agencies(actor)
    values = {"id": agency.id, "type": agency.agency_type, "state": agency.state, "region": agency.region}
    if agency.sworn:
        values |= {"sworn": agency.sworn, "least": agency.sworn * 2 // 3, "most": agency.sworn * 3 // 2 + 1}
        return list(conn.execute(like_statement(rows, _BY_SIZE, _SIZE), values).all())
    if agency.population:
        values |= {"served": agency.population, "fewest_served": agency.population // 2, "most_served": agency.population * 2}
        near = func.abs(Agency.population - bindparam("served"))
        return list(conn.execute(like_statement(rows, _BY_PEOPLE, near), values).all())
    return []


def why(row: Row[Any]) -> str:
    """What it has in common, as it is: "12 sworn, county, WA"."""
    size = f"{row.sworn:,} sworn" if row.sworn else f"serves {row.population:,}" if row.population else ""
    kind = TYPE_NAMES.get(row.agency_type, "").lower()
    return ", ".join(part for part in (size, kind, row.region, row.state) if part)
