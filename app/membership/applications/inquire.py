"""How reviewers find out: the call-back to the agency, its waiver by an administrator, and questions to the applicant (V2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor, Origin
from app.core.errors import Conflict, Forbidden, Invalid
from app.membership import telephone
from app.membership.alike.access import said_by
from app.membership.applications import access, letters, unanswered
from app.membership.applications.changes import changed
from app.membership.applications.forms import AnswerForm, CallBackForm, QuestionForm, WaiverForm
from app.membership.applications.operations import applicant
from app.membership.models import Application, ApplicationState, Purpose
from app.membership.papers import CallBack, Question, Waiver
from app.membership.recovery import access as recovery

SKEW = dt.timedelta(minutes=5)  # between the caller's clock and ours
MOST_QUESTIONS = 20


def add_call_back(session: Session, actor: Actor, application_id: int, form: CallBackForm, zone: dt.tzinfo) -> Application:
    """Record a call to the agency. The number may be none that the applicant gave: whoever answers there is theirs."""
    application = access.application_for(session, actor, application_id, form.version)
    access.require_open(application)
    if application.sponsor_id == actor.id:
        raise Forbidden("You are the applicant's sponsor, so others call.")
    if telephone.stands_in(telephone.dialled(form.number), _written_by_applicant(session, application)):
        raise Invalid(number="The person gave this number, now or before. Find one in a source that they have no hand in.")
    spoke_at = form.spoke_at if form.spoke_at.tzinfo else form.spoke_at.replace(tzinfo=zone)
    if spoke_at > clock.now() + SKEW:
        raise Invalid(spoke_at="This time has not come yet.")
    session.add(
        CallBack(
            application_id=application.id, number=form.number, found_at=form.found_at, person=form.person, spoke_at=spoke_at,
            caller_id=actor.member_id, caller_name=actor.name, created_at=clock.now(),
        )
    )  # fmt: skip
    return changed(session, actor, application, "application.call_back")


def _written_by_applicant(session: Session, application: Application) -> Iterator[str]:
    yield from said_by(session, application)
    if application.purpose != Purpose.JOIN:
        yield from recovery.said_before(session, application)


def waive_call_back(session: Session, actor: Actor, application_id: int, form: WaiverForm) -> Application:
    """An administrator lets a case go on without a call-back, with a reason that is kept. Evidence and two people are still needed."""
    application = access.application_to_waive(session, actor, application_id, form.version)
    if session.execute(access.waiver_of(application.id)).first() is not None:
        raise Conflict("The call-back was waived for this case already.")
    session.add(
        Waiver(application_id=application.id, admin_id=actor.member_id, admin_name=actor.name, reason=form.reason, created_at=clock.now())
    )
    return changed(session, actor, application, "application.waive")


def ask(session: Session, actor: Actor, application_id: int, form: QuestionForm) -> Application:
    """Ask the applicant. They are told by mail that there is a question, never which; it stands on their status page."""
    application = access.application_for(session, actor, application_id, form.version)
    access.require_open(application)
    if application.sponsor_id == actor.id:
        raise Forbidden("You are the applicant's sponsor, so others ask.")
    asked = session.execute(access.questions_of(application.id)).scalars().all()
    if len(asked) >= MOST_QUESTIONS:
        raise Conflict("Enough was asked in this case. Decide it, or call the agency.")
    question = Question(
        application_id=application.id, text=form.text, asked_by=actor.member_id, asked_name=actor.name, asked_at=clock.now()
    )
    session.add(question)
    session.flush()
    application.state = ApplicationState.MORE_ASKED  # also after a first signature, which stays
    unanswered.watch(session, question)
    letters.asked(session, application, question.id)
    return changed(session, actor, application, "application.ask")


def answer(session: Session, origin: Origin, status: str, form: AnswerForm) -> None:
    """The applicant answers what was asked and is not answered yet."""
    application = access.own_application_locked(session, clock.now(), status=status)
    take_answer(session, applicant(origin), application, form)


def take_answer(session: Session, actor: Actor, application: Application, form: AnswerForm) -> None:
    """The same for a case that was reached by whom it is about."""
    now = clock.now()
    access.require_answer(application)
    open_ones = [q for q in session.execute(access.questions_of(application.id)).scalars() if q.answered_at is None]
    if not open_ones:
        raise Conflict("Nothing is asked at the moment.")
    for question in open_ones:
        question.answer, question.answered_at = form.answer, now
    _answered(session, application, open_ones[-1], now)
    changed(session, actor, application, "application.answer")


def evidence_came(session: Session, application: Application) -> None:
    """What an applicant adds while a question waits is an answer, too: reviewers look at it, and the case does not lapse. The question
    stays open for words."""
    if application.state == ApplicationState.MORE_ASKED:
        last = session.execute(access.questions_of(application.id)).scalars().all()[-1]
        _answered(session, application, last, clock.now())


def _answered(session: Session, application: Application, question: Question, now: dt.datetime) -> None:
    letters.answered(session, application, question.id)
    if application.state == ApplicationState.MORE_ASKED:
        application.state = _state_before(session, application, now)


def _state_before(session: Session, application: Application, now: dt.datetime) -> ApplicationState:
    """Where a case goes on after the answer."""
    if session.execute(access.decisions_of(application.id)).first() is not None:
        return ApplicationState.FIRST_DECISION
    is_claimed = application.claimed_until is not None and application.claimed_until > now
    return ApplicationState.IN_REVIEW if is_claimed else ApplicationState.SUBMITTED
