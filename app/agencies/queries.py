"""Agency search and the facts of one agency. Every word typed must be found; names that begin with the first come first.

Search reads one text a row (naming.search_text) from end to end: 23,000 rows in about 10 ms on either engine, and less in one state.
No extension is needed for it, and a word is found by its beginning while it is being typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, and_, bindparam, case, literal, select, tuple_

from app.agencies import above, access, like
from app.agencies.models import Agency
from app.agencies.naming import words
from app.agencies.sizes import size_band
from app.core.access import Actor
from app.core.matching import MOST_WORDS, position_in
from app.core.paging import cursor, read_cursor


@dataclass(frozen=True, slots=True)
class Ask:
    """What is looked for. `only_staffed`: only agencies with a current member. `alike`: only those like this one."""

    text: str = ""
    state: str = ""
    limit: int = 20
    cursor: str = ""
    only_staffed: bool = False
    alike: like.Likeness | None = None


class Found(NamedTuple):
    """Agencies with `rank`, and the cursor of the rest (empty at the end)."""

    items: list[Row[Any]]
    next: str


def _typed(text: str) -> list[str]:
    """What to look for in search_text: a blank and a word's beginning. One or two letters are a whole word (so, pd, mi), or "so"
    would find every South; alone, they are a beginning."""
    typed = words(text)[:MOST_WORDS]
    return [f" {word} " if len(word) <= 2 and len(typed) > 1 else f" {word}" for word in typed]


@lru_cache(maxsize=200)
def _statement(rows: Select[Any], staffed: Select[Any] | None, count: int, options: frozenset[str]) -> Select[Any]:
    """Agencies that hold `count` words. `staffed` ranks those with members first; None tells nothing of members.
    Options: "state", "staffed" (only those), "alike", "after" (a cursor was given)."""
    conditions: list[ColumnElement[bool]] = [position_in(Agency.search_text, bindparam(f"word{i}")) > 0 for i in range(count)]
    if "state" in options:
        conditions.append(Agency.state == bindparam("state"))
    if "alike" in options:
        conditions.append(like.IS_ALIKE)
    if "staffed" in options and staffed is not None:
        conditions.append(Agency.id.in_(staffed))
    found = rows.add_columns(_rank(staffed, count).label("rank")).where(and_(True, *conditions))
    order = (Agency.name, Agency.id)
    if count:
        inner = found.subquery()
        found, order = select(inner), (inner.c.rank, inner.c.name, inner.c.id)  # type: ignore[assignment]
    if "after" in options:
        after = [bindparam("rank", type_=Integer), bindparam("name"), bindparam("id")][-len(order) :]
        found = found.where(tuple_(*order) > tuple_(*after))
    return found.order_by(*order).limit(bindparam("limit"))


def _rank(staffed: Select[Any] | None, count: int) -> ColumnElement[int]:
    """0 to 5: names that begin as what was typed (its first two words, or the first), and among them those with members, come first.
    Without a word all are alike."""
    if not count:
        return literal(0)
    lead, first = (position_in(Agency.search_text, bindparam(name)) == 1 for name in ("lead", "first"))
    begins = case((lead, 0), (first, 2), else_=4)
    return begins if staffed is None else begins + case((Agency.id.in_(staffed), 0), else_=1)


def _run(conn: Connection, rows: Select[Any], staffed: Select[Any] | None, ask: Ask) -> Found:
    typed = _typed(ask.text)
    if ask.text.strip() and not typed:
        return Found([], "")
    asked = (("state", ask.state), ("staffed", ask.only_staffed), ("alike", ask.alike), ("after", ask.cursor))
    options = {name for name, on in asked if on}
    values: dict[str, Any] = {f"word{i}": word for i, word in enumerate(typed)}
    values |= {"lead": "".join(word.rstrip() for word in typed[:2]), "first": typed[0].rstrip()} if typed else {}
    values |= {"state": ask.state} if ask.state else {}
    values |= ask.alike.values if ask.alike else {}
    if ask.cursor:
        rank, name, agency_id = read_cursor(ask.cursor, int, str, int)
        values |= {"name": name, "id": agency_id} | ({"rank": rank} if typed else {})
    statement = _statement(rows, staffed, len(typed), frozenset(options))
    items = list(conn.execute(statement, {**values, "limit": ask.limit + 1}))
    last = items[ask.limit - 1] if len(items) > ask.limit else None
    return Found(items[: ask.limit], cursor(last.rank, last.name, last.id) if last else "")


def search(conn: Connection, actor: Actor, ask: Ask) -> Found:
    return _run(conn, access.visible_agencies(actor), above.staffed(), ask)


_PUBLIC = access.public_agencies()
_PUBLIC_BY_ID = _PUBLIC.where(Agency.id == bindparam("id"))


def search_public(conn: Connection, text: str, after: str = "", limit: int = 10) -> Found:
    """For the form at /apply: the same search among those of the public register, ten at a time, in an order that tells nothing of which
    agencies are here."""
    return _run(conn, _PUBLIC, None, Ask(text, limit=limit, cursor=after)) if text.strip() else Found([], "")


def public_agency(conn: Connection, agency_id: int) -> Row[Any] | None:
    return conn.execute(_PUBLIC_BY_ID, {"id": agency_id}).first() if agency_id < 2**31 else None


_PUBLIC_BY_ORI = _PUBLIC.where(Agency.ori == bindparam("ori"))


def by_ori(conn: Connection, ori: str) -> Row[Any] | None:
    """An agency by what other registers call it."""
    return conn.execute(_PUBLIC_BY_ORI, {"ori": ori}).first()


_STATES = access.states_of_agencies()


def states(conn: Connection) -> list[str]:
    """The states that have an agency, in order."""
    return list(conn.execute(_STATES).scalars())


def as_json(row: Row[Any]) -> dict[str, Any]:
    """An agency as the API gives it."""
    return {
        "id": row.id, "ori": row.ori, "name": row.name, "short_name": row.short_name, "type": row.agency_type, "state": row.state,
        "county": row.county, "city": row.city, "region": row.region, "sworn": row.sworn, "size_band": size_band(row.sworn),
        "population": row.population,
    }  # fmt: skip
