"""What an approval does, by the case's purpose, in the transaction of the second signature."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.core.access import Actor
from app.membership import admission
from app.membership.applications import letters
from app.membership.models import Application, MemberClass, Purpose

Outcome = Callable[[Session, Actor, Application], None]


def join(session: Session, actor: Actor, application: Application) -> None:
    """The applicant becomes a member, who can't sign in before enrolling."""
    a = application
    member = admission.admit(
        session, actor,
        admission.Person(
            email=a.email, name=a.name, member_class=MemberClass(a.member_class), rank=a.rank, agency_id=a.agency_id,
            organization="" if a.agency_id else a.agency_name, phone=a.phone,
        ),
    )  # fmt: skip
    application.member_id = member.id
    token = accounts.invite(session, actor, member.id, code_hash=a.enrolment_code_hash)
    letters.approved(session, application, token)


_OUTCOMES: dict[str, Outcome] = {Purpose.JOIN: join}


def register(purpose: Purpose, outcome: Outcome) -> None:
    """What an approval does to cases of another purpose; called once at start-up."""
    _OUTCOMES[purpose] = outcome


def carry_out(session: Session, actor: Actor, application: Application) -> None:
    _OUTCOMES[application.purpose](session, actor, application)
