"""How a person becomes a member: the account, the member, the group of their class, in one transaction. Two reviewers decide that
(applications/decide.py); first steps and `admin create` are the only other callers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.agencies import access as agencies
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict
from app.membership import access, groups
from app.membership.models import Member, MemberClass, MemberRole, MemberStatus, Role


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    member_class: MemberClass
    rank: str = ""
    agency_id: int | None = None
    organization: str = ""
    phone: str = ""


def admit(session: Session, actor: Actor, person: Person, roles: Iterable[Role] = ()) -> Member:
    """The new member, who can't sign in before enrolling. Conflict if the address has an account already."""
    if access.account_by_email(session, person.email) is not None:
        raise Conflict("There is an account with this address already.")
    now = clock.now()
    account = Account(email=person.email, created_at=now)
    session.add(account)
    try:
        session.flush()
    except IntegrityError:  # two cases of one address were decided at the same moment
        raise Conflict("There is an account with this address already.") from None
    agency_id = agencies.kept(session, person.agency_id) if person.agency_id else None  # merged into another meanwhile
    member = Member(
        id=account.id, name=person.name, rank=person.rank, agency_id=agency_id, organization=person.organization,
        member_class=person.member_class, phone=person.phone, read_before=now, approved_at=now,
    )  # fmt: skip
    session.add(member)
    session.flush()
    groups.move_built_in(session, member, None)
    given = sorted(roles)
    session.add_all(MemberRole(member_id=member.id, role=role) for role in given)
    session.flush()
    audit.record(session, actor, "member.admit", ("member", member.id), member_class=person.member_class, roles=given)
    return member


def readmit(session: Session, actor: Actor, member: Member, person: Person) -> Member:
    """Somebody who had left is a member again, as the same one: what they wrote is theirs, and stands as of what they were then. Roles
    and made groups come back by an administrator alone."""
    before, was = {"status": member.status, "left_as": member.left_as, "class": member.member_class}, member.member_class
    member.status, member.left_as, member.status_reason = MemberStatus.ACTIVE, "", ""
    member.name, member.rank, member.member_class = person.name, person.rank, person.member_class
    member.agency_id = agencies.kept(session, person.agency_id) if person.agency_id else None
    member.organization, member.phone = person.organization, person.phone or member.phone
    member.confirm_first, member.way_back, member.verified_at = "", False, clock.now()
    member.verify_stage, member.verify_by, member.verify_on = 0, None, None  # planned anew, as for anyone who was just confirmed
    member.quiet_on = member.quiet_asked_on = None
    if was != member.member_class:
        member.former_class = was
    member.version += 1
    session.flush()
    groups.move_built_in(session, member, was)
    audit.record(session, actor, "member.readmit", ("member", member.id), before=before, member_class=person.member_class)
    return member
