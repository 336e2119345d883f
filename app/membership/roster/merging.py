"""What membership keeps of an agency, and moves when two rows turn out to be one agency: cases first, so that a case which is decided at
this moment has made its member before members are moved."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import clock
from app.membership.models import Application, Member
from app.membership.roster import access
from app.membership.roster.models import AgencyContact, RosterAnswer, RosterRound


def applications(session: Session, gone: int, stays: int) -> int:
    moved = update(Application).where(Application.agency_id == gone).values(agency_id=stays, version=Application.version + 1)
    return len(session.execute(moved.returning(Application.id)).all())


def members(session: Session, gone: int, stays: int) -> int:
    moved = update(Member).where(Member.agency_id == gone).values(agency_id=stays, version=Member.version + 1)
    return len(session.execute(moved.returning(Member.id)).all())


def rosters(session: Session, gone: int, stays: int) -> int:
    """The kept agency's contact stays; the other's becomes it only where there is none. A question that waits is closed: it was about
    half of the people."""
    theirs, ours = access.held_at(session, gone), access.held_at(session, stays)
    if theirs is not None and ours is not None:
        theirs.ended_at, theirs.ended_why = clock.now(), "the agency was merged into another"
    waiting = access.round_for_act(session, gone)
    if waiting is not None:
        waiting.closed_at = clock.now()
    session.flush()
    for table in (RosterRound, RosterAnswer):
        session.execute(update(table).where(table.agency_id == gone).values(agency_id=stays))
    moved = update(AgencyContact).where(AgencyContact.agency_id == gone).values(agency_id=stays)
    return len(session.execute(moved.returning(AgencyContact.id)).all())
