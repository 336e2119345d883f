"""The second fence for recovery cases: what of a member's record goes into one, and how many are open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.accounts.models import Account
from app.agencies.models import Agency
from app.membership.applications.access import OPEN
from app.membership.models import Application, Member, Purpose

_RECORD: tuple[Any, ...] = (
    Member.id, Member.name, Member.rank, Member.member_class, Member.status, Member.status_reason, Member.approved_at,
    Member.organization, Account.email, Account.last_sign_in_at, Agency.id.label("agency_id"), Agency.name.label("agency_name"),
    Agency.short_name,
)  # fmt: skip


def record_of(member_id: int | None, email: str) -> Select[Any]:
    """What stands of the member whom a case is about, and whether its address is one of theirs: the case was reached through the
    reviewers' rule."""
    has_address = Member.id.in_(addresses.holders_of(email)).label("has_address")
    statement = select(*_RECORD, has_address).join(Account, Account.id == Member.id).outerjoin(Agency, Agency.id == Member.agency_id)
    return statement.where(Member.id == member_id)


def member_of(session: Session, account_id: int) -> Member:
    """The member behind a mailed link that is good."""
    return session.execute(select(Member).where(Member.id == account_id)).scalar_one()


def open_cases(session: Session, member_id: int) -> list[Application]:
    """A member's open recovery cases, locked: an attacker may have asked beside them."""
    a = Application
    mine = select(a).where(a.member_id == member_id, a.purpose == Purpose.RECOVER, a.state.in_(OPEN)).order_by(a.id)
    return list(session.execute(mine.with_for_update()).scalars())


def open_cases_of_address(session: Session, email: str) -> list[Application]:
    a = Application
    same = select(a).where(a.email == email, a.purpose == Purpose.RECOVER, a.state.in_(OPEN)).order_by(a.id)
    return list(session.execute(same.with_for_update()).scalars())


def said_before(session: Session, application: Application) -> list[str]:
    """All that the member ever gave us where a phone number may stand: their entry, and their earlier cases (V2)."""
    texts: list[str] = []
    if application.member_id is None:
        return texts
    entry = session.execute(select(Member.phone, Member.about).where(Member.id == application.member_id)).first()
    texts += entry or ()
    a = Application
    earlier = select(a.phone, a.supervisor, a.reach).where(a.member_id == application.member_id)
    for row in session.execute(earlier):
        texts += row
    return texts
