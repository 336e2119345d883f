"""What administrators do with agencies. Each act takes the row's lock, is audited, and leaves search able to find the agency."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.agencies import access
from app.agencies.forms import EditAgency, Facts, NewAgency
from app.agencies.models import Agency
from app.agencies.naming import search_text, short_name
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import Conflict, Invalid

BY_HAND = "hand"
"""`Agency.source` of a row whose name beside members, or whose type, the association has decided itself: an import leaves it alone."""

_FACTS = tuple(Facts.model_fields)


def found_by(agency: Agency, *also: str) -> str:
    """The row's search text, from what stands in it and what else it is known by."""
    words = (agency.county, agency.city, agency.short_name, agency.agency_type, agency.region, agency.ori or "")
    return search_text(agency.name, agency.state, *words, *also)


def create_agency(session: Session, actor: Actor, form: NewAgency) -> Agency:
    actor.require(Right.ADMIN)
    if form.ori is not None and access.is_ori_taken(session, form.ori):
        raise Invalid(ori="Another agency has this ORI.")
    values = form.model_dump()
    values["short_name"] = form.short_name or short_name(form.name, form.state, form.agency_type)
    agency = Agency(**values, source=BY_HAND, search_text="", updated_at=clock.now())
    agency.search_text = found_by(agency)
    session.add(agency)
    session.flush()
    audit.record(session, actor, "agency.create", ("agency", agency.id), name=agency.name, ori=agency.ori, state=agency.state)
    return agency


def edit_agency(session: Session, actor: Actor, agency_id: int, form: EditAgency) -> Agency:
    """Conflict if somebody else changed it since the form was drawn."""
    agency = access.agency_for_edit(session, actor, agency_id)
    if agency.version != form.version:
        raise Conflict("Somebody else changed this agency meanwhile. What you entered is still here; check it and save again.")
    changed = {name: getattr(form, name) for name in _FACTS if getattr(form, name) != getattr(agency, name)}
    if not changed:
        return agency
    before = {name: getattr(agency, name) for name in changed}
    for name, value in changed.items():
        setattr(agency, name, value)
    if {"short_name", "agency_type"} & set(changed):
        agency.source = BY_HAND
    also = [name for row in access.former_names(session, agency.id) for name in (row.name, row.short_name)]
    agency.search_text = found_by(agency, *also, *access.former_oris(session, agency.id))
    agency.version += 1
    agency.updated_at = clock.now()
    audit.record(session, actor, "agency.edit", ("agency", agency.id), before=before, after=changed)
    return agency
