"""Asking an agency's contact who still works there: once a year in the agency's own month, and when a reviewer wants to know."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.errors import Conflict
from app.membership.roster import access, letters
from app.membership.roster.models import RosterRound

DAY = dt.timedelta(days=1)
REMIND_AFTER = (14 * DAY, 30 * DAY)
OVERDUE_AFTER = 37 * DAY  # then reviewers are told
ASKED_LATELY = 60 * DAY  # before the agency's month: then that year's is done
AGAIN_AFTER = DAY


def month_of(agency_id: int) -> int:
    """Each agency has its month, 1 to 12, so that the letters of all come spread over the year."""
    return agency_id % 12 + 1


def latest_turn(agency_id: int, now: dt.datetime) -> dt.datetime:
    """When this agency's month last began."""
    month = month_of(agency_id)
    return dt.datetime(now.year if month <= now.month else now.year - 1, month, 1, tzinfo=dt.UTC)


def is_due(contact: Any, now: dt.datetime) -> bool:
    """Whether this year's question is still to be put to this contact."""
    turn = latest_turn(contact.agency_id, now)
    return bool(contact.appointed_at < turn and (contact.asked_at is None or contact.asked_at < turn - ASKED_LATELY))


def ask(session: Session, actor: Actor, agency_id: int) -> RosterRound:
    """On request. A question that waits since yesterday or longer is put anew."""
    access.require_ask(session, actor, agency_id)
    return _ask(session, actor, agency_id)


def ask_yearly(session: Session, agency_id: int) -> None:
    """In the agency's month, unless a worker beside this one was faster."""
    agencies.lock_agency(session, agency_id)
    contact = access.contact_of(session, agency_id)
    if contact is not None and is_due(contact, clock.now()):
        _ask(session, system("roster"), agency_id)


def _ask(session: Session, actor: Actor, agency_id: int) -> RosterRound:
    agency, now = agencies.lock_agency(session, agency_id), clock.now()
    contact = access.contact_of(session, agency_id)
    if contact is None:
        raise Conflict("This agency has no contact. An administrator appoints one on the agency's page.")
    waiting = access.round_for_act(session, agency_id)
    if waiting is not None and now - waiting.asked_at < AGAIN_AFTER:
        raise Conflict("The contact was asked within the last day. Give them until tomorrow.")
    if waiting is not None:
        waiting.closed_at = now
        session.flush()
    begun = begin(session, actor, agency_id)
    letters.asked(session, contact, agency, begun.id, 0)
    return begun


def begin(session: Session, actor: Actor, agency_id: int) -> RosterRound:
    """A new round, with the agency's row locked and none open."""
    name = "" if actor.is_system else actor.name
    begun = RosterRound(agency_id=agency_id, asked_at=clock.now(), asked_by=actor.id, asked_name=name)
    session.add(begun)
    session.flush()
    audit.record(session, actor, "roster.ask", ("agency", agency_id), round=begun.id)
    return begun


def pass_on(session: Session, agency: Any, contact: Any) -> None:
    """Put the question that waits, if one does, to a new contact."""
    waiting = access.open_round(session, agency.id)
    if waiting is not None:
        letters.asked(session, contact, agency, waiting.id, waiting.reminders)


def remind(session: Session, agency_id: int) -> None:
    """Write again when it is time, and tell the reviewers when that did not help. Done twice, it is done once."""
    agency, now = agencies.lock_agency(session, agency_id), clock.now()
    waiting = access.round_for_act(session, agency_id)
    if waiting is None:
        return
    contact, since = access.contact_of(session, agency_id), now - waiting.asked_at
    due = sum(since >= after for after in REMIND_AFTER)
    if due > waiting.reminders:
        waiting.reminders = due
        if contact is not None:
            letters.asked(session, contact, agency, waiting.id, due)
        audit.record(session, system("roster"), "roster.remind", ("agency", agency_id), round=waiting.id, reminder=due)
    if since >= OVERDUE_AFTER and waiting.overdue_at is None:
        waiting.overdue_at = now
        audit.record(session, system("roster"), "roster.overdue", ("agency", agency_id), round=waiting.id)
