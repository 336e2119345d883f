"""What reviewers do to a case: claim, note, decision. Two different people approve; one declines (V1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.membership import access as members
from app.membership import handed_on
from app.membership.applications import access, checks, letters, outcomes, policy, queries
from app.membership.applications.changes import changed
from app.membership.applications.forms import DecisionForm, NoteForm
from app.membership.models import Application, ApplicationState, Decision, Purpose, Verdict
from app.membership.papers import CaseNote
from app.membership.sponsors import operations as sponsors

LEASE = dt.timedelta(minutes=30)


def claim(session: Session, actor: Actor, application_id: int, version: int) -> Application:
    """Work on the case alone for half an hour; again before it is over gives another half hour."""
    now = clock.now()
    application = access.application_for(session, actor, application_id, version)
    deciders = [d.reviewer_id for d in session.execute(access.decisions_of(application.id)).scalars()]
    access.require_decide(actor, application, deciders, now)
    application.claimed_by, application.claimed_until = actor.member_id, now + LEASE
    if application.state == ApplicationState.SUBMITTED:
        application.state = ApplicationState.IN_REVIEW
        letters.begun(session, application)
    sponsors.ask(session, application)  # who was named may be a member only since
    return changed(session, actor, application, "application.claim")


def add_note(session: Session, actor: Actor, application_id: int, form: NoteForm) -> Application:
    """A note between reviewers; the applicant never sees it."""
    application = access.application_for(session, actor, application_id, form.version)
    access.require_open(application)
    session.add(
        CaseNote(application_id=application.id, author_id=actor.member_id, author_name=actor.name, text=form.text, created_at=clock.now())
    )
    return changed(session, actor, application, "application.note")


def decide(session: Session, actor: Actor, application_id: int, form: DecisionForm) -> Application:
    """Record one reviewer's verdict. The first approval waits for the second; the second makes the member; a decline ends it."""
    now = clock.now()
    application = access.application_for(session, actor, application_id, form.version)
    earlier = session.execute(access.decisions_of(application.id)).scalars().all()
    access.require_decide(actor, application, [d.reviewer_id for d in earlier], now)
    if form.verdict == Verdict.APPROVE:
        _require_others(application, earlier)
        _require_enough(session, actor, application)
    _sign(session, actor, application, Decision(step=len(earlier) + 1, verdict=form.verdict, reason=form.reason, created_at=now))
    application.claimed_by = application.claimed_until = None
    changed(session, actor, application, "application.decide", verdict=form.verdict, step=len(earlier) + 1)
    if form.verdict == Verdict.DECLINE:
        application.state, application.decided_at = ApplicationState.DECLINED, now
        letters.declined(session, application)
    elif not earlier:
        application.state = ApplicationState.FIRST_DECISION
        letters.signed(session, application)
    else:
        application.state, application.decided_at = ApplicationState.APPROVED, now
        outcomes.carry_out(session, actor, application)
    session.flush()
    return application


def _require_others(application: Application, earlier: Sequence[Decision]) -> None:
    """Whoever signed may turn out to be the sponsor: the address that was named is theirs only since."""
    if any(decision.reviewer_id == application.sponsor_id for decision in earlier):
        raise Conflict("The applicant's sponsor has signed this case. It can't be approved: decline it, and have them apply again.")


def _require_enough(session: Session, actor: Actor, application: Application) -> None:
    """The first approval needs it as much as the second: what one signs is the case as it stands (V2, V3, V7)."""
    evidence = session.execute(access.evidence_of(application.id)).all()
    numbers = [call.number for call in session.execute(access.call_backs_of(application.id))]
    waiver = session.execute(access.waiver_of(application.id)).scalar_one_or_none()
    is_waived = policy.is_waived(application, waiver, is_at_new_address=access.is_at_new_address(session, application))
    application.look_alike = is_flagged = checks.is_look_alike(session.connection(), application.email)
    _require_free_address(session, actor, application)
    todo, held = policy.unanswered(application, evidence), policy.kinds(evidence)
    if checks.SPONSOR in held:
        session.flush()
        held = checks.counted(held, queries.facts_for(session.connection(), actor, application.id))
    if todo := todo + policy.missing(held, policy.Calls.of(numbers, is_waived=is_waived, is_flagged=is_flagged)):
        raise Invalid(verdict="Not yet. " + " ".join(todo))


def _require_free_address(session: Session, actor: Actor, application: Application) -> None:
    """What was a left member's goes to nobody else within a year (V11)."""
    former = members.former_locked(session, actor, application.email) if application.purpose == Purpose.JOIN else None
    if former is not None and (why := handed_on.refusal(former.name, former.gone_at, application.name, clock.now())):
        raise Invalid(verdict=why)


def _sign(session: Session, actor: Actor, application: Application, decision: Decision) -> None:
    decision.application_id, decision.reviewer_id, decision.reviewer_name = application.id, actor.member_id, actor.name
    session.add(decision)
    try:
        session.flush()
    except IntegrityError:  # the database's own word on it: one decision a person, one a step
        raise Conflict("Somebody decided this case a moment ago.") from None
