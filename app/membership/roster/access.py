"""The second fence for rosters. An agency's contact reads and answers that agency's alone; reviewers and administrators look on; to
everybody else there is none, whether they work there or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.agencies import access as agencies
from app.agencies.models import Agency
from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.membership.actors import CURRENT
from app.membership.models import Member, MemberClass
from app.membership.roster.models import AgencyContact, RosterAnswer, RosterRound, Word

MOST = 500  # on one page; who is left comes next, once these are answered for
_AT_WORK = and_(Member.status.in_(CURRENT), Member.member_class != MemberClass.RETIRED)
# A contact who has left, retired, moved or lost access is none any more, whether or not that was written down yet.
_HOLDS = and_(AgencyContact.ended_at.is_(None), Member.agency_id == AgencyContact.agency_id, _AT_WORK)
_CONTACT_COLUMNS: tuple[Any, ...] = (
    AgencyContact.id, AgencyContact.agency_id, AgencyContact.member_id, AgencyContact.appointed_name, AgencyContact.appointed_at,
    Member.name, Member.rank, Account.email,
)  # fmt: skip
_LAST_ASKED = select(func.max(RosterRound.asked_at)).where(RosterRound.agency_id == AgencyContact.agency_id).scalar_subquery()
_CONTACTS: Select[Any] = select(*_CONTACT_COLUMNS, _LAST_ASKED.label("asked_at")).select_from(AgencyContact)
_CONTACTS = _CONTACTS.join(Member, Member.id == AgencyContact.member_id).join(Account, Account.id == Member.id).where(_HOLDS)
_CONTACT = _CONTACTS.where(AgencyContact.agency_id == bindparam("agency_id"))


# Who may --------------------------------------------------------------------------------------------------------------------


def contact_of(conn: Connection | Session, agency_id: int) -> Row[Any] | None:
    """An agency's contact, with `asked_at`: when the agency was last asked."""
    return conn.execute(_CONTACT, {"agency_id": agency_id}).first()


def is_contact(conn: Connection | Session, actor: Actor, agency_id: int) -> bool:
    contact = contact_of(conn, agency_id) if actor.agency_id == agency_id else None
    return contact is not None and contact.member_id == actor.id


def may_look_on(actor: Actor) -> bool:
    return actor.may(Right.REVIEW) or actor.may(Right.ADMIN)


def sees_roster(conn: Connection | Session, actor: Actor, agency_id: int) -> bool:
    return may_look_on(actor) or is_contact(conn, actor, agency_id)


def agency_of_roster(conn: Connection | Session, actor: Actor, agency_id: int) -> Row[Any]:
    """The agency whose roster this actor may read; NotFound for all others, as for an agency that isn't there."""
    if not sees_roster(conn, actor, agency_id):
        raise NotFound
    return agencies.agency_for(conn, actor, agency_id)


def require_answer(session: Session, actor: Actor, agency_id: int) -> None:
    agency_of_roster(session, actor, agency_id)
    if not actor.may_write or not is_contact(session, actor, agency_id):
        raise Forbidden("Only the agency's contact can answer this.")


def require_ask(session: Session, actor: Actor, agency_id: int) -> None:
    agency_of_roster(session, actor, agency_id)
    if not actor.may_write or not may_look_on(actor):
        raise Forbidden("Only reviewers and administrators ask for a roster.")


# Who works there ------------------------------------------------------------------------------------------------------------

_CONFIRMED = (
    select(func.max(RosterAnswer.at))
    .where(RosterAnswer.member_id == Member.id, RosterAnswer.agency_id == Member.agency_id, RosterAnswer.word == Word.HERE)
    .scalar_subquery()
    .label("confirmed_at")
)
_IN_THIS_ROUND = select(RosterAnswer.id).where(RosterAnswer.round_id == bindparam("round_id"), RosterAnswer.member_id == Member.id)
_PERSON: tuple[Any, ...] = (Member.id, Member.name, Member.rank, Member.member_class, Member.approved_at, _CONFIRMED)
_STAFF = (Member.agency_id == bindparam("agency_id"), _AT_WORK)
_EVERYBODY: Select[Any] = select(*_PERSON).where(*_STAFF).order_by(Member.name, Member.id).limit(MOST)
# The contact answers for others, not for themself.
_TO_ANSWER = _EVERYBODY.where(Member.id != bindparam("contact_id"), ~_IN_THIS_ROUND.exists())
_ONE_AT_WORK = select(Member).where(Member.id == bindparam("id"), *_STAFF).with_for_update()


def people_at(conn: Connection | Session, agency_id: int) -> list[Row[Any]]:
    """Everybody who is a member and works there, by name: of an agency that was reached through `agency_of_roster`."""
    return list(conn.execute(_EVERYBODY, {"agency_id": agency_id}))


def to_answer(conn: Connection | Session, agency_id: int, contact_id: int, round_id: int) -> list[Row[Any]]:
    """Those for whom this contact has not answered yet in this round (0: in none)."""
    return list(conn.execute(_TO_ANSWER, {"agency_id": agency_id, "contact_id": contact_id, "round_id": round_id}))


def at_work(session: Session, agency_id: int, member_id: int) -> Member | None:
    """One member who works there, locked until the transaction ends."""
    statement = _ONE_AT_WORK.execution_options(populate_existing=True)
    member: Member | None = session.execute(statement, {"agency_id": agency_id, "id": member_id}).scalar_one_or_none()
    return member


_LAST_CONFIRMED = select(_CONFIRMED).select_from(Member).where(Member.id == bindparam("member_id"))


def last_confirmed(conn: Connection | Session, member_id: int) -> dt.datetime | None:
    """When the contact of a member's present agency last said that they work there; None if never."""
    return conn.execute(_LAST_CONFIRMED, {"member_id": member_id}).scalar_one_or_none()


# Rounds ---------------------------------------------------------------------------------------------------------------------

_OPEN = (RosterRound.agency_id == bindparam("agency_id"), RosterRound.closed_at.is_(None))
_ROUND: tuple[Any, ...] = (
    RosterRound.id, RosterRound.agency_id, RosterRound.asked_at, RosterRound.asked_name, RosterRound.reminders, RosterRound.overdue_at,
)  # fmt: skip
_OPEN_ROW: Select[Any] = select(*_ROUND).where(*_OPEN)
_OPEN_ROUND = select(RosterRound).where(*_OPEN).with_for_update()
_LAST_ANSWER = select(func.max(RosterRound.answered_at)).where(RosterRound.agency_id == bindparam("agency_id"))


def open_round(conn: Connection | Session, agency_id: int) -> Row[Any] | None:
    """The round that waits for an answer; None if none does."""
    return conn.execute(_OPEN_ROW, {"agency_id": agency_id}).first()


def round_for_act(session: Session, agency_id: int) -> RosterRound | None:
    found: RosterRound | None = session.execute(_OPEN_ROUND, {"agency_id": agency_id}).scalar_one_or_none()
    return found


def last_answer(conn: Connection | Session, agency_id: int) -> dt.datetime | None:
    """When a whole roster was last answered."""
    return conn.execute(_LAST_ANSWER, {"agency_id": agency_id}).scalar_one_or_none()


# What the daily work and reviewers look through, for all agencies -------------------------------------------------------------

_SHORT_NAME: Any = Agency.short_name.label("agency")


def contacts_in_office(conn: Connection) -> list[Row[Any]]:
    exists = _CONTACTS.join(Agency, Agency.id == AgencyContact.agency_id).where(Agency.dissolved_on.is_(None))
    return list(conn.execute(exists))


def contacts_gone(conn: Connection) -> list[int]:
    """The ids of contacts who are none any more, where that is not written down yet."""
    statement = select(AgencyContact.id).join(Member, Member.id == AgencyContact.member_id)
    return list(conn.execute(statement.where(AgencyContact.ended_at.is_(None), ~_HOLDS)).scalars())


def held(session: Session, contact_id: int) -> AgencyContact | None:
    """A contact that nobody has ended yet, locked."""
    statement = select(AgencyContact).where(AgencyContact.id == contact_id, AgencyContact.ended_at.is_(None)).with_for_update()
    found: AgencyContact | None = session.execute(statement).scalar_one_or_none()
    return found


def held_at(session: Session, agency_id: int) -> AgencyContact | None:
    statement = select(AgencyContact).where(AgencyContact.agency_id == agency_id, AgencyContact.ended_at.is_(None)).with_for_update()
    found: AgencyContact | None = session.execute(statement).scalar_one_or_none()
    return found


def held_by(session: Session, member_id: int) -> list[AgencyContact]:
    statement = select(AgencyContact).where(AgencyContact.member_id == member_id, AgencyContact.ended_at.is_(None)).with_for_update()
    return list(session.execute(statement).scalars())


def rounds_open_since(conn: Connection, before: dt.datetime) -> list[Row[Any]]:
    return list(conn.execute(select(*_ROUND).where(RosterRound.closed_at.is_(None), RosterRound.asked_at <= before)))


def overdue(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Rosters that nobody answers, the longest first: for reviewers and administrators."""
    if not may_look_on(actor):
        return []
    statement = select(*_ROUND, _SHORT_NAME, Member.name.label("contact")).join(Agency, Agency.id == RosterRound.agency_id)
    in_office = and_(AgencyContact.agency_id == RosterRound.agency_id, AgencyContact.ended_at.is_(None))
    statement = statement.outerjoin(AgencyContact, in_office).outerjoin(Member, Member.id == AgencyContact.member_id)
    late = (RosterRound.closed_at.is_(None), RosterRound.overdue_at.is_not(None))
    return list(conn.execute(statement.where(*late).order_by(RosterRound.asked_at).limit(100)))


def said_unknown(conn: Connection, actor: Actor, since: dt.datetime) -> list[Row[Any]]:
    """Members of whom a contact said that nobody knows them there: for reviewers and administrators."""
    if not may_look_on(actor):
        return []
    columns = (RosterAnswer.at, RosterAnswer.by_name, RosterAnswer.note, RosterAnswer.agency_id, _SHORT_NAME, Member.name, Member.rank)
    statement = select(*columns).join(Member, Member.id == RosterAnswer.member_id).join(Agency, Agency.id == RosterAnswer.agency_id)
    statement = statement.where(RosterAnswer.word == Word.UNKNOWN, RosterAnswer.at >= since)
    return list(conn.execute(statement.order_by(RosterAnswer.at.desc()).limit(100)))


def at_dissolved(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Dissolved agencies with members who are still listed there: for reviewers and administrators."""
    if not may_look_on(actor):
        return []
    columns = (Agency.id, _SHORT_NAME, Agency.dissolved_on, func.count(Member.id).label("members"))
    statement = select(*columns).join(Member, Member.agency_id == Agency.id).where(Agency.dissolved_on.is_not(None), _AT_WORK)
    return list(conn.execute(statement.group_by(Agency.id, Agency.short_name, Agency.dissolved_on).order_by(Agency.dissolved_on)))
