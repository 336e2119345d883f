"""What an applicant does: apply, confirm the address, withdraw. Nothing here makes anybody a member."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.codes import code_hash
from app.accounts.throttle import network_of
from app.agencies import queries as agencies
from app.core import audit, clock, jobs
from app.core.access import Actor, Origin, system
from app.core.errors import Conflict, Invalid
from app.core.signing import token_hash
from app.membership import access as members
from app.membership.applications import access, letters, limits
from app.membership.applications.forms import ApplyForm
from app.membership.applications.sending_once import SHOWN_AGAIN, Secrets
from app.membership.models import Application, ApplicationState, MemberClass
from app.membership.sponsors import access as sponsor_access
from app.membership.sponsors import operations as sponsors
from app.membership.statements import access as statements

CONFIRM_LIVES = dt.timedelta(days=3)
NEEDS_AGENCY = (MemberClass.HEAD, MemberClass.SWORN, MemberClass.CIVILIAN, MemberClass.RETIRED)


@dataclass(frozen=True, slots=True)
class Applied:
    """What the applicant is shown once: the code that only they know, and the way to their status page. No code: it is too late to show
    it again. `is_new`: it was not sent before."""

    code: str
    status_token: str
    is_new: bool = True


def applicant(origin: Origin) -> Actor:
    """Who applies is nobody yet: the log names them so, with the network they came from."""
    return Actor(id=None, name="applicant", may_write=False, origin=origin)


def status_token(confirm_token: str) -> str:
    """The status page's token follows from the confirmation's, so that confirming leads there; never the other way."""
    digest = hashlib.sha256(b"application status\0" + confirm_token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def apply(session: Session, origin: Origin, form: ApplyForm, secrets: Secrets) -> Applied:
    """Take an application. Whether the address is a member's, has an application or is new: the answer is the same (A15), and
    what differs is known to the mailbox alone. Sent again, it makes no second case and no second letter."""
    now, token = clock.now(), secrets.confirm_token
    if (sent_at := access.sent_before(session, token)) is not None:
        return _again(secrets, sent_at, now)
    _require_agency(session, form)
    limits.count_network(session, network_of(origin.address), now)
    application = _application(session, form, origin, now)
    application.confirm_token_hash, application.status_token_hash = token_hash(token), token_hash(status_token(token))
    application.enrolment_code_hash = code_hash(secrets.code)
    if not _added(session, application):
        return _again(secrets, now, now)
    if limits.may_write_to(session, form.email, now):
        _write_to(session, application, token)
    jobs.enqueue(session, "application.lapse", {"id": application.id}, run_at=now + CONFIRM_LIVES)
    audit.record(session, applicant(origin), "application.submit", ("application", application.id), agency_id=form.agency)
    return Applied(secrets.code, status_token(token))


def _again(secrets: Secrets, sent_at: dt.datetime, now: dt.datetime) -> Applied:
    return Applied(secrets.code if now - sent_at < SHOWN_AGAIN else "", status_token(secrets.confirm_token), is_new=False)


def _added(session: Session, application: Application) -> bool:
    """Whether this is the first of two that came at the same moment: the database takes one token once."""
    try:
        with session.begin_nested():
            session.add(application)
    except IntegrityError:
        return False
    return True


def _require_agency(session: Session, form: ApplyForm) -> None:
    if form.agency is not None and agencies.public_agency(session.connection(), form.agency) is None:
        raise Invalid(agency="Please choose an agency from the list, or write its name below.")
    if form.agency is None and not form.agency_name and form.member_class in NEEDS_AGENCY:
        raise Invalid(agency="Please find your agency, or write its name where it says that it is not listed.")
    if form.agency is None and form.agency_name and not form.agency_state and form.member_class in NEEDS_AGENCY:
        raise Invalid(agency_state="Please add the agency's state.")


def _application(session: Session, form: ApplyForm, origin: Origin, now: dt.datetime) -> Application:
    return Application(
        state=ApplicationState.UNCONFIRMED, name=form.name, rank=form.rank, email=form.email, agency_id=form.agency,
        agency_name=form.agency_name, agency_state=form.agency_state, member_class=form.member_class, supervisor=form.supervisor,
        reach=form.reach, phone=form.phone, sponsor_named=form.sponsor or "",
        statement_version=statements.accepted(session, form.statement_version), sponsor_id=_sponsor(session, form, now),
        address=origin.address, created_at=now,
    )  # fmt: skip


def _sponsor(session: Session, form: ApplyForm, now: dt.datetime) -> int | None:
    """The member who is named by an address, or else who invited the applicant."""
    if form.sponsor:
        return session.execute(members.named_by(form.sponsor)).scalar_one_or_none()
    return sponsor_access.inviter(session, form.invited, now)


def _write_to(session: Session, application: Application, token: str) -> None:
    if members.account_by_email(session, application.email) is None or members.is_former(session, application.email):
        letters.confirm(session, application, token)
    else:
        letters.already_member(session, application)


def confirm(session: Session, origin: Origin, token: str) -> None:
    """The owner of the mailbox says so: the case goes to the reviewers. Confirming twice is confirming once."""
    now = clock.now()
    application = access.own_application_locked(session, now, confirm=token)
    if application.state != ApplicationState.UNCONFIRMED:
        return
    if now - application.created_at >= CONFIRM_LIVES:
        raise Conflict("This link is no longer good. Please apply again.")
    application.state, application.submitted_at = ApplicationState.SUBMITTED, now
    application.version += 1
    letters.submitted(session, application, status_token(token))
    sponsors.ask(session, application)
    audit.record(session, applicant(origin), "application.confirm", ("application", application.id))


def withdraw(session: Session, origin: Origin, status: str) -> None:
    now = clock.now()
    application = access.own_application_locked(session, now, status=status)
    access.require_withdraw(application)
    application.state, application.decided_at, application.claimed_until = ApplicationState.WITHDRAWN, now, None
    application.version += 1
    if application.submitted_at is not None:  # before that nobody knows whose mailbox it is
        letters.withdrawn(session, application)
    audit.record(session, applicant(origin), "application.withdraw", ("application", application.id))


def lapse(session: Session, application_id: int) -> None:
    """An address that nobody confirmed in time: the case is over."""
    application = access.unconfirmed(session, application_id)
    if application is not None:
        application.state, application.decided_at = ApplicationState.EXPIRED, clock.now()
        application.version += 1
        if limits.may_write_to(session, application.email, clock.now()):
            letters.lapsed(session, application)
        audit.record(session, system("membership"), "application.lapse", ("application", application_id))
