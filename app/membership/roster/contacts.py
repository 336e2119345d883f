"""Who is an agency's contact: an administrator appoints one of the members who work there, and it ends with the work or the access."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.errors import Conflict, Invalid
from app.membership.roster import access, asking, letters
from app.membership.roster.forms import AppointForm, DismissForm
from app.membership.roster.models import AgencyContact

GONE = "no longer at the agency"


def appoint(session: Session, actor: Actor, agency_id: int, form: AppointForm) -> AgencyContact:
    """In place of whoever was it. A roster that waits for an answer is put to the new one."""
    agency = agencies.agency_for_edit(session, actor, agency_id)
    member = access.at_work(session, agency_id, form.member)
    if member is None:
        raise Invalid(member="Please choose a member who works at this agency.")
    before = access.held_at(session, agency_id)
    if before is not None and before.member_id == member.id:
        return before
    now = clock.now()
    if before is not None:
        before.ended_at, before.ended_why = now, "another was appointed"
        session.flush()
    contact = AgencyContact(agency_id=agency_id, member_id=member.id, appointed_by=actor.id, appointed_name=actor.name, appointed_at=now)
    session.add(contact)
    session.flush()
    row = access.contact_of(session, agency_id)
    letters.appointed(session, row, agency)
    asking.pass_on(session, agency, row)
    former = before.member_id if before is not None else None
    audit.record(session, actor, "agency.appoint_contact", ("agency", agency_id), member_id=member.id, before=former)
    return contact


def dismiss(session: Session, actor: Actor, agency_id: int, form: DismissForm) -> None:
    agencies.agency_for_edit(session, actor, agency_id)
    contact = access.held_at(session, agency_id)
    if contact is None:
        raise Conflict("This agency has no contact.")
    contact.ended_at, contact.ended_why = clock.now(), "an administrator ended it"
    audit.record(session, actor, "agency.end_contact", ("agency", agency_id), member_id=contact.member_id, reason=form.reason)


def leave(session: Session, member_id: int) -> None:
    """A member's access ends: so does what they were contact of."""
    for contact in access.held_by(session, member_id):
        _end(session, contact, "access ended")


def note_gone(session: Session, contact_id: int) -> None:
    """Write down that a contact has moved or retired: they could not act as one since then."""
    contact = access.held(session, contact_id)
    if contact is not None:
        _end(session, contact, GONE)


def _end(session: Session, contact: AgencyContact, why: str) -> None:
    contact.ended_at, contact.ended_why = clock.now(), why
    subject = ("agency", contact.agency_id)
    audit.record(session, system("roster"), "agency.end_contact", subject, member_id=contact.member_id, reason=why)


def agencies_of(session: Session, member_id: int) -> list[int]:
    """Of which agencies a member is the contact."""
    return sorted(contact.agency_id for contact in access.held_by(session, member_id))


def put_back(session: Session, actor: Actor, member_id: int, agency_ids: list[int]) -> list[str]:
    """Appoint a member again whose appointment an undone act had ended. Who was appointed meanwhile stays, which is said."""
    left = []
    for agency_id in agency_ids:
        now = access.held_at(session, agency_id)
        if now is None:
            session.add(AgencyContact(agency_id=agency_id, member_id=member_id, appointed_name=actor.name, appointed_at=clock.now()))
            session.flush()
            audit.record(session, actor, "agency.appoint_contact", ("agency", agency_id), member_id=member_id, before=None)
        elif now.member_id != member_id:
            left.append("another is the contact of their agency by now, and stays it")
    return left
