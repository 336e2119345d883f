"""What members see of each other: the second fence for members, and the reads that start from it.

Only current members are in the directory; what someone else once wrote stays where it is. A partner (a firm that sells to agencies)
sees the association's staff and other partners: not who works at which agency. What stands in an entry beyond name, rank, class and
agency is each member's own choice. Addresses and numbers stand on one member's page only, never in a list, and pages are counted (C14).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, bindparam, case, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.agencies import like
from app.agencies.models import Agency
from app.core.access import Actor
from app.core.errors import NotFound
from app.core.matching import MOST_WORDS, position_in, words
from app.core.paging import cursor, read_cursor
from app.core.sql import joined_texts
from app.membership import knowing
from app.membership.actors import CURRENT
from app.membership.models import NO_PERSON, Member, MemberClass, MemberRole, MemberStatus, SeenBy
from app.membership.names import CLASS_NAMES

SEEN_BY_PARTNERS = (MemberClass.STAFF, MemberClass.PARTNER)
LISTED = (*CURRENT, MemberStatus.BAIT)  # an invented entry looks like any other
AT_AN_AGENCY = 60  # members listed on an agency's page

_VERIFIED: ColumnElement[dt.datetime] = func.coalesce(Member.verified_at, Member.approved_at)
_ENTRY = (
    Member.id, Member.name, Member.rank, Member.member_class, Member.organization, Member.agency_id, _VERIFIED.label("verified_at"),
    Agency.ori, Agency.name.label("agency_name"), Agency.short_name, Agency.state, Agency.county, Agency.sworn,
)  # fmt: skip


def _current(*columns: Any) -> Select[Any]:
    statement = select(*(_ENTRY + columns)).select_from(Member).outerjoin(Agency, Agency.id == Member.agency_id)
    return statement.where(Member.status.in_(LISTED))


_ALL = _current()
_FOR_PARTNERS = _ALL.where(Member.member_class.in_(SEEN_BY_PARTNERS))


def visible_members(actor: Actor) -> Select[Any]:
    """Entries of the directory that this actor may see."""
    return _FOR_PARTNERS if actor.member_class == MemberClass.PARTNER else _ALL


# One member -----------------------------------------------------------------------------------------------------------------


def _shown(seen_by: Any, value: Any) -> ColumnElement[Any]:
    """What its owner shows to whom, asked of the database: nothing where it is hidden. The owner sees all of it."""
    mine = Member.id == bindparam("me")
    colleague = (seen_by == SeenBy.AGENCY) & (Member.agency_id == bindparam("my_agency", type_=Integer))
    return case((mine | (seen_by == SeenBy.EVERYONE) | colleague, func.nullif(value, "")), else_=None)


def _whole(rows: Select[Any]) -> Select[Any]:
    columns = (
        Member.status, Member.approved_at,
        _shown(Member.email_seen_by, Account.email).label("email"), _shown(Member.phone_seen_by, Member.phone).label("phone"),
        _shown(Member.about_seen_by, Member.about).label("about"),
    )  # fmt: skip
    return rows.add_columns(*columns).join(Account, Account.id == Member.id).where(Member.id == bindparam("id"))


_WHOLE = {rows: _whole(rows) for rows in (_ALL, _FOR_PARTNERS)}


def _agency_of(actor: Actor) -> int | None:
    """Whose colleague this actor is: who has retired is at no agency any more."""
    return None if actor.member_class == MemberClass.RETIRED else actor.agency_id


def member_for(conn: Connection | Session, actor: Actor, member_id: int) -> Row[Any]:
    """One member as this actor may see them; NotFound for who is not there for them."""
    row = conn.execute(_WHOLE[visible_members(actor)], {"id": member_id, "me": actor.id, "my_agency": _agency_of(actor)}).first()
    if row is None:
        raise NotFound
    return row


def as_others_see(conn: Connection, actor: Actor, is_colleague: bool) -> Row[Any]:
    """The actor's own entry as it stands for another member, of the same agency or not."""
    return conn.execute(_WHOLE[_ALL], {"id": actor.member_id, "me": None, "my_agency": actor.agency_id if is_colleague else None}).one()


_SELF = _current(
    Member.status, Member.about, Member.phone, Member.email_seen_by, Member.phone_seen_by, Member.about_seen_by,
    Member.time_zone, Account.email,
    select(joined_texts(MemberRole.role)).where(MemberRole.member_id == Member.id).scalar_subquery().label("roles"),
).join(Account, Account.id == Member.id).where(Member.id == bindparam("id"))  # fmt: skip


def own_entry(conn: Connection | Session, actor: Actor) -> Row[Any]:
    """All that stands of the actor themself, with `roles` (comma-separated)."""
    return conn.execute(_SELF, {"id": actor.member_id}).one()


# Lists ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Who is looked for: every word must begin a word of name, rank or firm, or of the agency. `alike`: only at agencies like this.
    `subject`: only who says that they know about it, by its slug."""

    text: str = ""
    limit: int = 25
    cursor: str = ""
    alike: like.Likeness | None = None
    subject: str = ""


class Found(NamedTuple):
    """Entries in the order of names, and the cursor of the rest (empty at the end)."""

    items: list[Row[Any]]
    next: str


@lru_cache(maxsize=60)
def _listing(rows: Select[Any], count: int, parts: frozenset[str]) -> Select[Any]:
    """For so many words; parts: "after" (it goes on), "alike", "subject"."""
    text = Member.search_text.concat(func.coalesce(Agency.search_text, ""))
    found = rows.where(*(position_in(text, bindparam(f"word{i}")) > 0 for i in range(count)))
    if "alike" in parts:
        found = found.where(like.IS_ALIKE)
    if "subject" in parts:
        found = found.where(Member.id.in_(knowing.members_knowing()))
    if "after" in parts:
        found = found.where(tuple_(Member.name, Member.id) > tuple_(bindparam("name"), bindparam("id")))
    return found.order_by(Member.name, Member.id).limit(bindparam("limit"))


def find(conn: Connection, actor: Actor, ask: Ask) -> Found:
    typed = words(ask.text)[:MOST_WORDS]
    if ask.text.strip() and not typed:
        return Found([], "")
    values: dict[str, Any] = {f"word{i}": f" {word}" for i, word in enumerate(typed)}
    if ask.cursor:
        values["name"], values["id"] = read_cursor(ask.cursor, str, int)
    values |= ask.alike.values if ask.alike else {}
    values |= {"subject": ask.subject} if ask.subject else {}
    parts = frozenset(name for name, given in (("after", ask.cursor), ("alike", ask.alike), ("subject", ask.subject)) if given)
    statement = _listing(visible_members(actor), len(typed), parts)
    items = list(conn.execute(statement, {**values, "limit": ask.limit + 1}))
    last = items[ask.limit - 1] if len(items) > ask.limit else None
    return Found(items[: ask.limit], cursor(last.name, last.id) if last else "")


def _named(count: int) -> Select[Any]:
    words_in = [position_in(Member.search_text, bindparam(f"word{i}")) > 0 for i in range(count)]
    return select(Member.id).where(*words_in, Member.status.not_in(NO_PERSON)).limit(bindparam("limit"))


_NAMED = {count: _named(count) for count in range(1, MOST_WORDS + 1)}


def ids_named(conn: Connection, text: str, limit: int = 50) -> list[int]:
    """Whoever is or was a member with these words in their name: for finding what they wrote, where their name stands for all who read it.
    Not to be shown."""
    typed = words(text)[:MOST_WORDS]
    values: dict[str, Any] = {f"word{i}": f" {word}" for i, word in enumerate(typed)}
    return list(conn.execute(_NAMED[len(typed)], {**values, "limit": limit}).scalars()) if typed else []


# What agencies ask (agencies/above.py) --------------------------------------------------------------------------------------

STAFFED: Select[Any] = select(Member.agency_id).where(Member.agency_id.is_not(None), Member.status.in_(CURRENT))
_HEAD_FIRST: ColumnElement[int] = case((Member.member_class == MemberClass.HEAD, 0), else_=1)
_AT = {
    rows: rows.where(Member.agency_id == bindparam("agency_id")).order_by(_HEAD_FIRST, Member.name, Member.id).limit(AT_AN_AGENCY)
    for rows in (_ALL, _FOR_PARTNERS)
}


class Colleague(NamedTuple):
    id: int
    name: str
    rank: str
    class_name: str
    verified_at: dt.datetime


def members_at(conn: Connection, actor: Actor, agency_id: int) -> Sequence[Colleague]:
    """The members of an agency, its head first, at most AT_AN_AGENCY."""
    rows = conn.execute(_AT[visible_members(actor)], {"agency_id": agency_id})
    return [Colleague(row.id, row.name, row.rank, CLASS_NAMES[row.member_class], row.verified_at) for row in rows]
