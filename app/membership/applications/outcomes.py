"""What an approval does, by the case's purpose, in the transaction of the second signature."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.accounts.addresses import operations as addresses
from app.core.access import Actor
from app.membership import access as members
from app.membership import admission, handed_on
from app.membership.applications import letters
from app.membership.models import Application, MemberClass, Purpose

Outcome = Callable[[Session, Actor, Application], None]


def join(session: Session, actor: Actor, application: Application) -> None:
    """The applicant becomes a member, who can't sign in before enrolling. Whoever was one before is the same one again, and enrols
    anew; whoever has a former member's mailbox now is somebody else."""
    a = application
    person = admission.Person(
        email=a.email, name=a.name, member_class=MemberClass(a.member_class), rank=a.rank, agency_id=a.agency_id,
        organization="" if a.agency_id else a.agency_name, phone=a.phone,
    )  # fmt: skip
    former = members.former_locked(session, actor, a.email)
    is_back = former is not None and handed_on.same(former.name, a.name)
    if former is not None and not is_back:
        addresses.release(session, actor, former.id, a.email)
    if former is not None and is_back and a.enrolment_code_hash is not None:
        a.member_id = admission.readmit(session, actor, former, person).id
        token = accounts.invite_to_recover(session, actor, former.id, a.enrolment_code_hash)
    else:
        a.member_id = admission.admit(session, actor, person).id
        token = accounts.invite(session, actor, a.member_id, code_hash=a.enrolment_code_hash)
    letters.approved(session, application, token)


_OUTCOMES: dict[str, Outcome] = {Purpose.JOIN: join}


def register(purpose: Purpose, outcome: Outcome) -> None:
    """What an approval does to cases of another purpose; called once at start-up."""
    _OUTCOMES[purpose] = outcome


def carry_out(session: Session, actor: Actor, application: Application) -> None:
    _OUTCOMES[application.purpose](session, actor, application)
