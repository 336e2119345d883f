"""Whether a file shows an identity document, said by a reviewer after it was added: also of a closed case, as that is when files are read
again. The mark decides what the worker deletes (evidence/retention.py), so it is an act with a version like every other (V13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Forbidden, Invalid
from app.membership.applications import access as cases
from app.membership.applications.changes import changed
from app.membership.evidence import access
from app.membership.evidence.forms import MarkForm, UnmarkForm
from app.membership.models import Application
from app.membership.papers import CaseNote

SENT = "The applicant sent this file, so it is deleted after the decision, whatever it shows."


def mark(session: Session, actor: Actor, application_id: int, form: MarkForm) -> Application:
    """Marked twice it is marked, and the second time says nothing new."""
    application = _case(session, actor, application_id, form.version)
    file = access.file_to_view(session, actor, application_id, form.to_mark)
    if file.shows_identity:
        return application
    file.shows_identity = True
    return changed(session, actor, application, "evidence.mark", file=file.id)


def unmark(session: Session, actor: Actor, application_id: int, form: UnmarkForm) -> Application:
    """The file is kept with the case again. Why is a note of the case, and goes when the case does."""
    application = _case(session, actor, application_id, form.version)
    file = access.file_to_view(session, actor, application_id, form.to_unmark)
    if file.added_by is None:
        raise Invalid(to_unmark=SENT)
    if not file.shows_identity:
        return application
    file.shows_identity = False
    text = f"{file.name} is not marked as an identity document any more: {form.why}"
    session.add(
        CaseNote(application_id=application.id, author_id=actor.member_id, author_name=actor.name, text=text, created_at=clock.now())
    )
    return changed(session, actor, application, "evidence.unmark", file=file.id)


def _case(session: Session, actor: Actor, application_id: int, version: int) -> Application:
    application = cases.application_for(session, actor, application_id, version)
    if application.sponsor_id == actor.id:
        raise Forbidden("You are the applicant's sponsor, so others say what a file shows.")
    return application
