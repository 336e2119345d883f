"""Evidence with files: what reviewers record, what the applicant adds, and each look at a file, which is an act of its own (V13)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, Origin
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.vault import Stored
from app.membership.applications import access as cases
from app.membership.applications import checks, inquire, queries
from app.membership.applications.changes import changed
from app.membership.applications.forms import EvidenceForm
from app.membership.applications.operations import applicant
from app.membership.evidence import access
from app.membership.evidence.forms import OwnEvidenceForm
from app.membership.evidence.intake import TakenFile
from app.membership.evidence.limits import MOST_FILES, MOST_OWN_FILES, MOST_OWN_NOTES
from app.membership.evidence.models import EvidenceFile, EvidenceFileLink
from app.membership.models import Application, Evidence

APPLICANTS_KIND = "other"  # what the applicant says of themselves is no kind of evidence (policy.kinds)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reviewer is given of a file."""

    stored: Stored
    name: str
    media_type: str


def add(session: Session, actor: Actor, application_id: int, form: EvidenceForm, taken: TakenFile | None) -> Application:
    """A reviewer's evidence of one kind: what they saw, with a file of theirs, or with one that the applicant sent."""
    application = cases.application_for(session, actor, application_id, form.version)
    cases.require_open(application)
    if application.sponsor_id == actor.id:
        raise Forbidden("You are the applicant's sponsor, so others record evidence.")
    if form.kind == "domain":
        _require_domain(session, actor, application)
    if form.kind == "sponsor":
        _require_sponsor(session, actor, application)
    if taken is not None and form.file_id is not None:
        raise Invalid(file="Choose a file of your own, or one that is here already, not both.")
    file_id = form.file_id
    if file_id is not None:
        access.file_to_view(session, actor, application_id, file_id)
    elif taken is not None:
        file_id = _keep(session, application, taken, shows_identity=form.shows_identity, by=actor.member_id)
    _record(session, application, Evidence(kind=form.kind, note=form.note, added_by=actor.member_id), file_id)
    return changed(session, actor, application, "application.evidence", kind=form.kind, file=file_id)


def _require_domain(session: Session, actor: Actor, application: Application) -> None:
    """Having an address counts where the domain is known to be the agency's, and never at a public mail service (V5)."""
    conn = session.connection()
    if why := checks.not_evidence(conn, queries.facts_for(conn, actor, application.id), clock.now()):
        raise Invalid(kind=why)


def _require_sponsor(session: Session, actor: Actor, application: Application) -> None:
    """A sponsor counts by their own word, and where they are near enough to know (V3)."""
    session.flush()
    if why := checks.not_sponsored(queries.facts_for(session.connection(), actor, application.id)):
        raise Invalid(kind=why)


def add_own(session: Session, origin: Origin, status: str, form: OwnEvidenceForm, taken: TakenFile | None) -> None:
    """What the applicant adds. It waits for a reviewer to take it up; the same sent twice is there once."""
    application = cases.own_application_locked(session, clock.now(), status=status)
    if not cases.may_add_evidence(application):
        raise Conflict("Reviewers take evidence once your address is confirmed, and until they have decided.")
    if taken is None and not form.note:
        raise Invalid(file="Choose a file, or write a note.")
    sent = access.sent_by_applicant(session, application.id)
    if taken is not None and any(f.sha256 == taken.stored.sha256 and f.deleted_at is None for f in sent):
        return
    notes = [e for e in session.execute(cases.evidence_of(application.id)) if e.added_by is None and not e.source]
    if taken is None and any(e.note == form.note for e in notes):
        return
    if taken is not None and len(sent) >= MOST_OWN_FILES:
        raise Invalid(file=f"You have sent {MOST_OWN_FILES} files, which is as many as a case takes.")
    if len(notes) >= MOST_OWN_NOTES:
        raise Conflict("You have added as much as a case takes. Reviewers ask if they need more.")
    _send(session, application, taken, form.note)
    inquire.evidence_came(session, application)
    changed(session, applicant(origin), application, "application.evidence")


def send_along(session: Session, status: str, taken: TakenFile) -> None:
    """The file that came with the application itself."""
    _send(session, cases.own_application_locked(session, clock.now(), status=status), taken)


def _send(session: Session, application: Application, taken: TakenFile | None, note: str = "") -> None:
    """What an applicant sends counts as showing who they are, whatever it shows: it is deleted after the decision."""
    file_id = None if taken is None else _keep(session, application, taken, shows_identity=True, by=None)
    _record(session, application, Evidence(kind=APPLICANTS_KIND, note=note, added_by=None), file_id)


def view(session: Session, actor: Actor, application_id: int, file_id: int) -> Seen:
    """Every look is in the log before the first byte is sent."""
    file = access.file_to_view(session, actor, application_id, file_id)
    audit.record(session, actor, "evidence.view", ("application", application_id), file=file_id, sha256=file.sha256.hex())
    return Seen(Stored(file.stored_as, file.sealed_key, file.size, file.sha256), file.name, file.media_type)


def _keep(session: Session, application: Application, taken: TakenFile, *, shows_identity: bool, by: int | None) -> int:
    held = session.execute(access.files_of(application.id)).all()
    if len(held) >= MOST_FILES:
        raise Invalid(file=f"This case holds {MOST_FILES} files, which is as many as a case takes.")
    stored = taken.stored
    file = EvidenceFile(
        application_id=application.id, name=taken.name, size=stored.size, media_type=taken.media_type, sha256=stored.sha256,
        stored_as=stored.name, sealed_key=stored.key, shows_identity=shows_identity, added_by=by, created_at=clock.now(),
    )  # fmt: skip
    session.add(file)
    session.flush()
    return file.id


def _record(session: Session, application: Application, evidence: Evidence, file_id: int | None) -> None:
    evidence.application_id, evidence.created_at = application.id, clock.now()
    session.add(evidence)
    session.flush()
    if file_id is not None:
        session.add(EvidenceFileLink(evidence_id=evidence.id, file_id=file_id))
        session.flush()
