"""The second fence for applications: reviewers reach every case through themselves, an applicant reaches theirs by its token alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.agencies.models import Agency
from app.core.access import Actor, Right
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.kept import Kept
from app.core.signing import token_hash
from app.core.site import SiteRow
from app.core.sql import constant, word
from app.membership import access as members
from app.membership.models import FORGOTTEN, Application, ApplicationState, Decision, Evidence, Member, Purpose, Verdict
from app.membership.papers import CallBack, Question, Waiver
from app.membership.sponsors import access as sponsors

OPEN = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW, ApplicationState.MORE_ASKED, ApplicationState.FIRST_DECISION)
_TO_WAIVE: tuple[Any, ...] = (
    Application.id, Application.version, Application.state, Application.agency_name, Application.agency_state, Application.submitted_at,
    Agency.name.label("agency_full_name"),
    ((Application.purpose != Purpose.RECOVER) | Application.member_id.in_(addresses.holders_of(Application.email))).label("may_be_waived"),
)  # fmt: skip
YOURS = "You are the applicant's sponsor, so another administrator decides this."
NO_WAIVER = "This member asks at an address that is none of theirs. The call is all that ties them to it, so it can't be waived."
Built = Callable[[Actor], Select[Any] | CompoundSelect[Any]]
_kept: Kept[tuple[Built, int | None, int | None], Select[Any] | CompoundSelect[Any]] = Kept(50)
STATUS_LIVES = dt.timedelta(days=30)  # after the decision


_HIDES_OWN_AGENCY = exists().where(SiteRow.id == constant(1), SiteRow.hides_own_agency)


def visible_applications(actor: Actor, *columns: Any) -> Select[Any]:
    """Cases this actor may see: a reviewer all but those about themselves, and all but their own agency's, if the association says so;
    everybody else none. Of a forgotten one there is nothing to see."""
    return select(*(columns or (Application,))).where(is_visible(actor))


def is_visible(actor: Actor, a: type[Application] = Application) -> ColumnElement[bool]:
    """The same as a condition on Application, or an alias of it, for a statement that asks it more than once."""
    if not actor.may(Right.REVIEW):
        raise NotFound
    return _is_not_own(actor, a) & (a.state != word(FORGOTTEN))


def kept_for(actor: Actor, build: Built) -> Select[Any] | CompoundSelect[Any]:
    """What `build` makes for this reviewer of `visible_applications`, built once: that takes longer than to run it."""
    if not actor.may(Right.REVIEW):
        raise NotFound
    key = (build, actor.id, actor.agency_id)
    statement = _kept.get(key)
    if statement is None:
        statement = build(actor)
        _kept.put(key, statement)
    return statement


def _is_not_own(actor: Actor, a: type[Application] = Application) -> ColumnElement[bool]:
    """Asked of the database within the statement, so that the association's word counts from the moment it is saved."""
    if actor.agency_id is None:
        return _is_not_about(actor, a)
    return _is_not_about(actor, a) & (a.agency_id.is_distinct_from(actor.agency_id) | ~_HIDES_OWN_AGENCY)


def _is_not_about(actor: Actor, a: type[Application]) -> ColumnElement[bool]:
    """Others decide on a reviewer's own sign-in or return, unseen: whoever holds the reviewer's session may not be the reviewer."""
    return (a.purpose == word(Purpose.JOIN)) | a.member_id.is_distinct_from(actor.id)


def application_for(session: Session, actor: Actor, application_id: int, version: int) -> Application:
    """The case, locked until the transaction ends, as the reviewer saw it; Conflict if somebody has changed it since."""
    statement = visible_applications(actor).where(Application.id == application_id).with_for_update()
    application: Application | None = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if application is None:
        raise NotFound
    if not actor.may_write:
        raise Forbidden("You may read this case, but not change it.")
    if application.version != version:
        raise Conflict(
            "Somebody changed this case while you had it open. What you wrote is still here: look at the case and send it again."
        )
    sponsors.settle(session, application)
    return application


def require_open(application: Application) -> None:
    if application.state not in OPEN:
        raise Conflict("This case is closed or its address is not confirmed yet.")


def is_held_by_another(actor: Actor, application: Any, now: dt.datetime) -> bool:
    """Whether another reviewer works on the case: `application` is a row or an object of it."""
    held = application.claimed_until is not None and application.claimed_until > now
    return held and application.claimed_by != actor.id


def may_decide(actor: Actor, application: Any, deciders: list[int], now: dt.datetime) -> str:
    """Why this reviewer can't decide the case now; nothing if they can. `deciders` have decided it already."""
    if application.state not in OPEN:
        return "This case is not open."
    if application.sponsor_id == actor.id:
        return "You are the applicant's sponsor, so others decide."
    if application.member_id == actor.id:
        return "This is your own case."
    if actor.id in deciders:
        return "You have signed. Another reviewer must sign too."
    if is_held_by_another(actor, application, now):
        return "Another reviewer is working on this case and decides first."
    return ""


def require_decide(actor: Actor, application: Application, deciders: list[int], now: dt.datetime) -> None:
    why = may_decide(actor, application, deciders, now)
    if not why:
        return
    if application.state not in OPEN or is_held_by_another(actor, application, now):
        raise Conflict(why)
    raise Forbidden(why)


# The applicant's own case ---------------------------------------------------------------------------------------------------


def own_application(conn: Connection | Session, status_token: str, now: dt.datetime) -> Any:
    """The facts of a case for who holds its status token; no address, no phone. NotFound once the token is dead."""
    a = Application
    statement = select(a.id, a.purpose, a.state, a.created_at, a.submitted_at, a.decided_at, members.IS_SIGNED)
    row = conn.execute(statement.where(a.status_token_hash == token_hash(status_token))).first()
    if row is None or (row.decided_at is not None and now - row.decided_at >= STATUS_LIVES):
        raise NotFound
    return row


def decided_lately(purpose: str, limit: int) -> Select[Any]:
    """When the last few cases of a purpose were submitted and decided: no word of whose they were."""
    a = Application
    columns: tuple[Any, ...] = (a.submitted_at, a.decided_at)
    is_decided = a.state.in_((ApplicationState.APPROVED, ApplicationState.DECLINED))
    statement = select(*columns).where(
        a.purpose == purpose, is_decided, a.submitted_at.is_not(None), a.decided_at.is_not(None), ~a.founding
    )
    return statement.order_by(a.decided_at.desc()).limit(limit)


def may_withdraw(application: Any) -> bool:
    return application.state in (*OPEN, ApplicationState.UNCONFIRMED)


def require_withdraw(application: Application) -> None:
    if not may_withdraw(application):
        raise Conflict("This application is closed already.")


def may_add_evidence(application: Any) -> bool:
    return application.state in OPEN


def require_answer(application: Application) -> None:
    if application.state not in OPEN:
        raise Conflict("This application is closed already.")


def reason_for_applicant(conn: Connection, application: Any) -> str:
    """Why it was declined. What reviewers wrote on the way to an approval stays among them."""
    if application.state != ApplicationState.DECLINED:
        return ""
    statement = select(Decision.reason).where(Decision.application_id == application.id, Decision.verdict == Verdict.DECLINE)
    return conn.execute(statement).scalar_one_or_none() or ""


def own_application_locked(session: Session, now: dt.datetime, *, status: str = "", confirm: str = "") -> Application:
    """The case behind a status token or a confirmation token, locked."""
    where = Application.status_token_hash == token_hash(status) if status else Application.confirm_token_hash == token_hash(confirm)
    application = session.execute(select(Application).where(where).with_for_update()).scalar_one_or_none()
    if application is None or (application.decided_at is not None and now - application.decided_at >= STATUS_LIVES):
        raise NotFound
    return application


def sent_before(session: Session, confirm_token: str) -> dt.datetime | None:
    """When the application was made to which this token belongs: its form has come again."""
    return session.execute(select(Application.created_at).where(Application.confirm_token_hash == token_hash(confirm_token))).scalar()


def unconfirmed(session: Session, application_id: int) -> Application | None:
    """For the job that lets an application lapse."""
    statement = select(Application).where(Application.id == application_id, Application.state == ApplicationState.UNCONFIRMED)
    return session.execute(statement.with_for_update()).scalar_one_or_none()


def asked_by(session: Session, question_id: int) -> Application | None:
    """For the job that reminds, and closes, a case which waits for the answer to a question; None: it waits no more."""
    of = select(Question.application_id).where(Question.id == question_id).scalar_subquery()
    statement = select(Application).where(Application.id == of, Application.state == ApplicationState.MORE_ASKED)
    return session.execute(statement.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()


# What belongs to a case that was reached above ------------------------------------------------------------------------------


def decisions_of(application_id: int) -> Select[Any]:
    return select(Decision).where(Decision.application_id == application_id).order_by(Decision.step)


def evidence_of(application_id: int) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Evidence.id, Evidence.kind, Evidence.note, Evidence.created_at, Evidence.added_by, Evidence.source,
        Member.name.label("by"),
    )  # fmt: skip
    statement = select(*columns).outerjoin(Member, Member.id == Evidence.added_by)
    return statement.where(Evidence.application_id == application_id).order_by(Evidence.id)


def call_backs_of(application_id: int) -> Select[Any]:
    c = CallBack
    columns: tuple[Any, ...] = (c.id, c.number, c.found_at, c.person, c.spoke_at, c.caller_id, c.caller_name, c.created_at)
    return select(*columns).where(c.application_id == application_id).order_by(c.id)


def waiver_of(application_id: int) -> Select[Any]:
    return select(Waiver).where(Waiver.application_id == application_id)


def questions_of(application_id: int) -> Select[Any]:
    return select(Question).where(Question.application_id == application_id).order_by(Question.id)


def is_at_new_address(session: Session, application: Application) -> bool:
    """Whether a member who lost their sign-in asks at an address that is none of theirs."""
    return application.purpose == Purpose.RECOVER and addresses.owner_of(session, application.email) != application.member_id


def waivable_application(actor: Actor, application_id: int) -> Select[Any]:
    """What an administrator who waives the call-back sees of a case, and no more: the cases are the reviewers'."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    statement = with_agency(select(*_TO_WAIVE)).where(_is_not_own(actor))
    return statement.where(Application.id == application_id, Application.state.in_(OPEN))


def application_to_waive(session: Session, actor: Actor, application_id: int, version: int) -> Application:
    """The same for the act, locked."""
    actor.require(Right.ADMIN)
    if not actor.may_write:
        raise Forbidden
    statement = select(Application).where(_is_not_own(actor), Application.id == application_id, Application.state.in_(OPEN))
    application: Application | None = session.execute(statement.with_for_update()).scalar_one_or_none()
    if application is None:
        raise NotFound
    sponsors.settle(session, application)
    if application.sponsor_id == actor.id:
        raise Forbidden(YOURS)
    if is_at_new_address(session, application):
        raise Forbidden(NO_WAIVER)
    if application.version != version:
        raise Conflict("Somebody changed this case while you had it open. Your reason is still here: look again and send it.")
    return application


def signed_by(actor: Actor) -> Any:
    """Whether this reviewer has decided the case of the statement around it."""
    return exists().where(Decision.application_id == Application.id, Decision.reviewer_id == actor.id)


def with_agency(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(Agency, Agency.id == Application.agency_id)
