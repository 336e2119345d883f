"""What becomes of an agency: another name, its end. What stood beside a message stays there as it was; the agency is found by all of
its names, and an import no longer says how it is called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.agencies import access
from app.agencies.forms import DissolveForm, RenameForm, ReviveForm
from app.agencies.models import Agency, FormerName
from app.agencies.operations import BY_HAND, found_by
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid

End = Callable[[Session, Actor, int], None]
_ends: list[tuple[End, End]] = []


def register_end(ended: End, undone: End) -> None:
    """A package above says what follows for its people when an agency is dissolved, and when that was a mistake; called at start-up."""
    _ends[:] = [(ended, undone)]


def rename(session: Session, actor: Actor, agency_id: int, form: RenameForm) -> Agency:
    agency = _existing(session, actor, agency_id, form.version)
    _require_past(form.until, "until")
    if (agency.name, agency.short_name) == (form.name, form.short_name):
        raise Invalid(name="This is what it is called already.")
    before = {"name": agency.name, "short_name": agency.short_name}
    session.add(FormerName(agency_id=agency.id, name=agency.name, short_name=agency.short_name, until=form.until))
    agency.name, agency.short_name = form.name, form.short_name
    changed(session, agency)
    after = {"name": form.name, "short_name": form.short_name, "until": form.until}
    audit.record(session, actor, "agency.rename", ("agency", agency.id), before=before, after=after, reason=form.reason)
    return agency


def dissolve(session: Session, actor: Actor, agency_id: int, form: DissolveForm) -> Agency:
    """It is over: nobody applies from there any more, its members are asked where they are now, and reviewers see who is still listed."""
    agency = _existing(session, actor, agency_id, form.version)
    _require_past(form.dissolved_on, "dissolved_on")
    successor = access.id_by_ori(session, form.successor) if form.successor else None
    if form.successor and successor is None:
        raise Invalid(successor="No agency here has this ORI.")
    if successor == agency.id:
        raise Invalid(successor="This is the agency itself.")
    agency.dissolved_on, agency.successor_id = form.dissolved_on, successor
    changed(session, agency)
    detail: dict[str, Any] = {"on": form.dissolved_on, "successor": successor, "reason": form.why}
    audit.record(session, actor, "agency.dissolve", ("agency", agency.id), **detail)
    for ended, _ in _ends:
        ended(session, actor, agency.id)
    return agency


def revive(session: Session, actor: Actor, agency_id: int, form: ReviveForm) -> Agency:
    """It was a mistake: the agency exists."""
    agency = access.agency_for_edit(session, actor, agency_id)
    if agency.dissolved_on is None:
        raise Conflict("This agency is not dissolved.")
    agency.dissolved_on = agency.successor_id = None
    changed(session, agency)
    audit.record(session, actor, "agency.revive", ("agency", agency.id), reason=form.why)
    for _, undone in _ends:
        undone(session, actor, agency.id)
    return agency


def changed(session: Session, agency: Agency) -> None:
    """What follows each of these: it is found by all its names, and the association's word stands against any file's."""
    session.flush()
    agency.source = BY_HAND
    also = [name for row in access.former_names(session, agency.id) for name in (row.name, row.short_name)]
    agency.search_text = found_by(agency, *also, *access.former_oris(session, agency.id))
    agency.version += 1
    agency.updated_at = clock.now()
    session.flush()


def _existing(session: Session, actor: Actor, agency_id: int, version: int) -> Agency:
    agency = access.agency_for_edit(session, actor, agency_id)
    if agency.merged_into is not None or agency.dissolved_on is not None:
        raise Conflict("This agency does not exist any more.")
    if agency.version != version:
        raise Conflict("Somebody else changed this agency meanwhile. Check what it says now and send it again.")
    return agency


def _require_past(day: dt.date, field: str) -> None:
    if day > clock.now().date():
        raise Invalid({field: "This day is still to come."})
