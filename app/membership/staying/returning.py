"""The way back of a suspended member: a case like an application's, with a call-back and two reviewers, and no new member at its end."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, NotFound
from app.core.signing import new_token, token_hash
from app.membership.applications import access as applications
from app.membership.applications import inquire
from app.membership.applications import letters as application_letters
from app.membership.applications.changes import changed
from app.membership.applications.forms import AnswerForm
from app.membership.models import Application, ApplicationState, Evidence, Member, MemberStatus, Purpose
from app.membership.staying import access, answers, letters
from app.membership.staying.forms import ReturnForm
from app.membership.staying.letters import Post

AGAIN = dt.timedelta(days=7)  # after a decision against it


def open_case(session: Session, actor: Actor, form: ReturnForm) -> Application:
    """The member asks to come back. What stands on the case is their record; what they say of themselves is beside it."""
    member, email = _returning(session, actor)
    now = clock.now()
    may_ask(access.last_return_locked(session, member.id), now)
    case = Application(
        purpose=Purpose.RETURN, state=ApplicationState.SUBMITTED, member_id=member.id, name=member.name, rank=member.rank, email=email,
        agency_id=member.agency_id, agency_name="" if member.agency_id else member.organization, member_class=member.member_class,
        supervisor=form.supervisor, phone=form.phone, address=actor.origin.address, created_at=now, submitted_at=now,
        status_token_hash=token_hash(new_token()), confirm_token_hash=token_hash(new_token()),
    )  # fmt: skip
    session.add(case)
    session.flush()
    session.add(Evidence(application_id=case.id, kind="other", note=form.words, added_by=None, created_at=now))
    audit.record(session, actor, "member.ask_to_return", ("application", case.id), member_id=member.id)
    return case


def _returning(session: Session, actor: Actor) -> tuple[Member, str]:
    member, email = access.member_locked(session, actor.member_id)
    access.returning_member(session, member.id)
    return member, email


def may_ask(last: Application | None, now: dt.datetime) -> None:
    """One case at a time, and not again on the day after a decision."""
    if last is None:
        return
    if last.state in applications.OPEN:
        raise Conflict("Reviewers have your request already.")
    if last.state == ApplicationState.DECLINED and last.decided_at is not None and now - last.decided_at < AGAIN:
        raise Conflict("Your request was declined a few days ago. You can ask again a week after that decision.")


def answer(session: Session, actor: Actor, form: AnswerForm) -> None:
    """The member answers what reviewers asked."""
    inquire.take_answer(session, actor, _open(session, actor), form)


def withdraw(session: Session, actor: Actor) -> None:
    case = _open(session, actor)
    applications.require_withdraw(case)
    case.state, case.decided_at, case.claimed_until = ApplicationState.WITHDRAWN, clock.now(), None
    application_letters.withdrawn(session, case)
    changed(session, actor, case, "application.withdraw")


def _open(session: Session, actor: Actor) -> Application:
    _returning(session, actor)
    case = access.last_return_locked(session, actor.member_id)
    if case is None:
        raise NotFound
    return case


def come_back(session: Session, actor: Actor, application: Application) -> None:
    """What an approval does: the same member again, confirmed as of now."""
    assert application.member_id is not None
    member, email = access.member_locked(session, application.member_id)
    if member.status != MemberStatus.SUSPENDED or not member.way_back:
        raise Conflict("An administrator has decided on this member since. Ask them before you go on.")
    answers.renew(session, member, clock.now())
    letters.returned(Post(session, member, email), application.id)
    audit.record(session, actor, "member.return", ("member", member.id), application=application.id)
