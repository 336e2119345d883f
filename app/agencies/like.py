"""Agencies that are like another: of the same kind and about its size, near it first, each with why it is one."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, String, and_, bindparam, case, func, or_
from sqlalchemy.orm import Session

from app.agencies import above, access
from app.agencies.facts import TYPE_NAMES
from app.agencies.models import Agency
from app.core.access import Actor
from app.core.errors import NotFound
from app.core.sql import constant

MOST = 20


def _given(name: str, kind: Any = Integer) -> Any:
    return bindparam(f"alike_{name}", type_=kind)


_SIZE = func.abs(func.coalesce(Agency.sworn - _given("sworn"), Agency.population - _given("served"), 0))
_NEAR: ColumnElement[int] = case(
    (and_(Agency.state == _given("state", String), Agency.region == _given("region", String), Agency.region != ""), 0),
    (Agency.state == _given("state", String), 1), else_=2,
)  # fmt: skip
NEAREST: tuple[ColumnElement[Any], ...] = (_NEAR, _SIZE)
"""In which order they come, the nearest first; by the same values as IS_ALIKE."""

# Where the size isn't known, the population decides; without either, none is like it. What isn't known is NULL, and nothing lies between.
_BY_SIZE = Agency.sworn.between(_given("least"), _given("most"))
_BY_PEOPLE = Agency.population.between(_given("fewest_served"), _given("most_served"))
IS_ALIKE: ColumnElement[bool] = and_(
    Agency.agency_type == _given("type", String), Agency.id != _given("id"), Agency.dissolved_on.is_(None), Agency.merged_into.is_(None),
    or_(_BY_SIZE, _BY_PEOPLE),
)  # fmt: skip
"""A condition on Agency, for a statement that is run with the values of a Likeness."""
ALIKE: Select[Any] = access.every_id().where(IS_ALIKE)
"""The ids of the agencies that are like one, likewise: `Reply.author_agency_id.in_(like.ALIKE)`, run with `like.of_actor(…).values`.
A masked message has no agency, and so is never among them."""


_0, _1, _2, _3 = (constant(n) for n in range(4))  # in the statement's text, which stays short enough to be kept prepared
MINE: Any = access.another()
"""One's own agency, for a statement that joins it by its id and is run too often to read it before."""
IS_LIKE_MINE: ColumnElement[bool] = and_(
    Agency.agency_type == MINE.agency_type, Agency.id != MINE.id, Agency.dissolved_on.is_(None), Agency.merged_into.is_(None),
    or_(
        Agency.sworn.between(MINE.sworn * _2 // _3, MINE.sworn * _3 // _2 + _1),
        and_(func.coalesce(MINE.sworn, _0) == _0, Agency.population.between(MINE.population // _2, MINE.population * _2)),
    ),
)  # fmt: skip


class Likeness(NamedTuple):
    """What ALIKE and IS_ALIKE are run with, and what the agency itself is, as it is: "12 sworn, county, WA"."""

    values: dict[str, Any]
    words: str


_VALUES = ("id", "type", "state", "region", "sworn", "served", "least", "most", "fewest_served", "most_served")
NOBODY = Likeness({f"alike_{name}": None for name in _VALUES}, "")


def likeness(agency: Any) -> Likeness:
    """Of an agency that was reached before; one of unknown size is like none."""
    sworn, served = agency.sworn or None, (None if agency.sworn else agency.population) or None
    values = {
        "id": agency.id, "type": agency.agency_type, "state": agency.state, "region": agency.region, "sworn": sworn, "served": served,
        "least": sworn and sworn * 2 // 3, "most": sworn and sworn * 3 // 2 + 1,
        "fewest_served": served and served // 2, "most_served": served and served * 2,
    }  # fmt: skip
    return Likeness({f"alike_{name}": value for name, value in values.items()}, why(agency))


def of_actor(conn: Connection | Session, actor: Actor) -> Likeness | None:
    """Of the actor's own agency; None for who has none, and for partners, to whom there are no agencies."""
    if actor.agency_id is None or not access.may_see_agencies(actor):
        return None
    agency = access.agency_for(conn, actor, actor.agency_id)
    return likeness(agency) if agency.sworn or agency.population else None


def offered(actor: Actor) -> Likeness | None:
    """Whether to offer "agencies like mine", and how large one's own is, without asking the database: for pages that are read most."""
    if actor.agency_id is None or not access.may_see_agencies(actor):
        return None
    return Likeness({}, f"{actor.agency_sworn:,} sworn" if actor.agency_sworn else "")


def asked_for(conn: Connection | Session, actor: Actor, wanted: str) -> Likeness | None:
    """What a list is to be narrowed to: `wanted` is "mine", or empty. Nobody is like an agency that has nothing to compare."""
    if wanted not in ("", "mine"):
        raise NotFound
    return (of_actor(conn, actor) or NOBODY) if wanted else None


def like_statement(rows: Select[Any]) -> Select[Any]:
    """Those with members first: they can be asked."""
    staffed = case((Agency.id.in_(above.staffed()), 0), else_=1)
    return rows.where(IS_ALIKE).order_by(staffed, *NEAREST, Agency.name, Agency.id).limit(MOST)


def agencies_like(conn: Connection, actor: Actor, agency: Row[Any]) -> list[Row[Any]]:
    """The nearest twenty, for who may see agencies."""
    rows = access.visible_agencies(actor)
    return list(conn.execute(like_statement(rows), likeness(agency).values).all())


def why(row: Any) -> str:
    """What it has in common, as it is: "12 sworn, county, WA"."""
    size = f"{row.sworn:,} sworn" if row.sworn else f"serves {row.population:,}" if row.population else ""
    kind = TYPE_NAMES.get(row.agency_type, "").lower()
    return ", ".join(part for part in (size, kind, row.region, row.state) if part)
