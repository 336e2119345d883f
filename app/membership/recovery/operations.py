"""The long way back to a lost sign-in: a case with a call-back and two reviewers, as when the person joined (A9).

It begins with the mailed link, and on approval ends with an enrolment that takes the mailbox and the code from the screen. So neither
the mailbox nor the reviewers alone let anybody in. Who can read none of their mailboxes any more gives a new address, and is invited there:
then the call to the agency is all that ties the asker to the member, and every address that we know is told.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy.orm import Session

from app.accounts import notices
from app.accounts import operations as accounts
from app.accounts.addresses import operations as addresses
from app.accounts.disavow.links import Undo
from app.accounts.recover import operations as links
from app.accounts.recover.access import may_recover
from app.accounts.recover.models import Recovery
from app.core import audit, clock
from app.core.access import Actor, Origin
from app.core.errors import Conflict
from app.core.fields import Form, Line, Reason
from app.core.signing import new_token, token_hash
from app.membership.applications import letters
from app.membership.applications.operations import applicant, status_token
from app.membership.models import Application, ApplicationState, Evidence, Member, Purpose
from app.membership.recovery import access

MOST_OPEN = 3
NOBODY = "No member found"  # whose name a case has that was asked with an address which is no member's
_LOST = "Somebody asked the reviewers to let you set up your sign-in anew, because the password and the authenticator were lost."
_AT_NEW = "Somebody asked the reviewers to let you set up your sign-in anew at another address, because your mailboxes are gone."


class CaseForm(Form):
    note: Annotated[Reason, StringConstraints(max_length=2000)]
    supervisor: Line = ""


def open_case(session: Session, origin: Origin, token: str, form: CaseForm) -> str:
    """A case about the member behind the link; the token of its status page. It never takes the place of another open one: who asked
    first may be the member, and who asks now a thief, or the other way round. Reviewers see both."""
    spent = links.use_up(session, token)
    member = _whose(session, spent)
    if len(_open_beside(session, spent)) >= MOST_OPEN:
        raise Conflict("There are several open requests for this sign-in already. Reviewers look at them.")
    case = _case(member, spent, token, form)
    session.add(case)
    session.flush()
    note = form.note + (f"\n\nThe member's address, as it was typed: {spent.email}" if spent.new_email else "")
    session.add(Evidence(application_id=case.id, kind="other", note=note, added_by=None, created_at=clock.now()))
    audit.record(session, applicant(origin), "recovery.open", ("application", case.id), member_id=case.member_id)
    if member is not None:
        notices.tell(session, applicant(origin), member.id, _AT_NEW if spent.new_email else _LOST, Undo("recovery", case.id))
    return status_token(token)


def _whose(session: Session, spent: Recovery) -> Member | None:
    """Nobody also where the member may not be let in any more: the reviewers see no record then, and can approve nothing."""
    if spent.account_id is None or not may_recover(session.connection(), spent.account_id):
        return None
    return access.member_of(session, spent.account_id)


def _open_beside(session: Session, spent: Recovery) -> list[Application]:
    """What is open already for the same sign-in; for a new address, what was asked with that: how many a member has is not told."""
    if spent.new_email or spent.account_id is None:
        return access.open_cases_of_address(session, spent.new_email)
    return access.open_cases(session, spent.account_id)


def _case(member: Member | None, spent: Recovery, token: str, form: CaseForm) -> Application:
    """What stands on the case is the member's record, not what the asker says of themselves."""
    now = clock.now()
    record: dict[str, Any] = {"name": NOBODY, "member_class": ""}
    if member is not None:
        record = {name: getattr(member, name) for name in ("name", "rank", "agency_id", "member_class")}
        record |= {"member_id": member.id, "agency_name": "" if member.agency_id else member.organization}
    return Application(
        **record, purpose=Purpose.RECOVER, state=ApplicationState.SUBMITTED, email=spent.new_email or spent.email,
        supervisor=form.supervisor, confirm_token_hash=token_hash(new_token()),
        status_token_hash=token_hash(status_token(token)), enrolment_code_hash=spent.code_hash, address=spent.address,
        created_at=now, submitted_at=now,
    )  # fmt: skip


def recover(session: Session, actor: Actor, application: Application) -> None:
    """What an approval does: an enrolment link, good with the code from the screen. Nothing of the sign-in changes before it is used."""
    assert application.member_id is not None
    assert application.enrolment_code_hash is not None
    addresses.vetted(session, actor, application.member_id, application.email)
    for other in access.open_cases(session, application.member_id):
        if other.id != application.id:
            _close(session, actor, other, "another case of the same member was approved")
    token = accounts.invite_to_recover(session, actor, application.member_id, application.enrolment_code_hash)
    letters.approved(session, application, token)
    what = "Two reviewers approved that your sign-in is set up anew. A link went to one of your addresses."
    notices.tell(session, actor, application.member_id, what, Undo("recovery", application.id))


def hold(session: Session, actor: Actor, case_id: int) -> None:
    """The member says that they never asked for this case: it is closed, with a line in the log that says why."""
    for case in access.open_cases(session, actor.member_id):
        if case.id == case_id:
            _close(session, actor, case, "the member says that they did not ask for it")


def _close(session: Session, actor: Actor, case: Application, reason: str) -> None:
    case.state, case.decided_at, case.claimed_until = ApplicationState.WITHDRAWN, clock.now(), None
    case.version += 1
    letters.recovery_closed(session, case)
    audit.record(session, actor, "recovery.close", ("application", case.id), reason=reason)
