"""Two rows for one agency become one. Everything that points at the merged row points at the kept one afterwards, in one transaction;
the merged row stays, and its page leads on. Messages keep what stood beside them when they were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.agencies import access, history
from app.agencies.forms import MergeForm
from app.agencies.models import Agency, FormerName, FormerOri
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid

Move = Callable[[Session, int, int], int]
_moves: dict[str, Move] = {}


def register_move(name: str, move: Move) -> None:
    """A package above moves what it keeps of an agency: from one id to another; how many there were. In the order of registration."""
    _moves[name] = move


def merge(session: Session, actor: Actor, agency_id: int, form: MergeForm) -> dict[str, int]:
    """How much of what has moved. Of two merges at once that touch the same agency, one finds it merged and is refused."""
    if form.into == agency_id:
        raise Invalid(into="An agency can't be merged into itself.")
    locked = {number: access.agency_for_edit(session, actor, number) for number in sorted((agency_id, form.into))}
    gone, stays = locked[agency_id], locked[form.into]
    if gone.merged_into is not None or stays.merged_into is not None:
        raise Conflict("One of the two was merged meanwhile. Look at both again.")
    if stays.dissolved_on is not None:
        raise Invalid(into="That agency is dissolved. Choose one that exists.")
    counts = {name: move(session, gone.id, stays.id) for name, move in _moves.items()}
    counts["domains"] = _move_domains(session, gone.id, stays.id)
    _move_names(session, gone, stays)
    _move_ori(session, gone, stays)
    _lead_on(session, gone, stays)
    history.changed(session, stays)
    detail: dict[str, Any] = {**counts, "into": stays.id, "name": gone.name, "reason": form.reason}
    audit.record(session, actor, "agency.merge", ("agency", gone.id), **detail)
    return counts


def _move_domains(session: Session, gone: int, stays: int) -> int:
    """A domain that stands on both records stays once, and approved if it was on either."""
    known = {domain.domain: domain for domain in access.domains_to_move(session, stays)}
    moving = access.domains_to_move(session, gone)
    for domain in moving:
        twin = known.get(domain.domain)
        loser = domain if twin is not None and (twin.approved_at is not None or domain.approved_at is None) else twin
        if loser is not None:
            session.delete(loser)
            session.flush()
        if loser is not domain:
            domain.agency_id = stays
    session.flush()
    return len(moving)


def _move_names(session: Session, gone: Agency, stays: Agency) -> None:
    session.execute(update(FormerName).where(FormerName.agency_id == gone.id).values(agency_id=stays.id))
    if gone.name != stays.name:
        session.add(FormerName(agency_id=stays.id, name=gone.name, short_name=gone.short_name, until=clock.now().date()))


def _move_ori(session: Session, gone: Agency, stays: Agency) -> None:
    """The kept one takes the ORI if it has none; else it is remembered, so that an import doesn't make the agency anew."""
    session.execute(update(FormerOri).where(FormerOri.agency_id == gone.id).values(agency_id=stays.id))
    ori, gone.ori = gone.ori, None
    session.flush()
    if ori and stays.ori is None:
        stays.ori = ori
    elif ori:
        session.add(FormerOri(ori=ori, agency_id=stays.id))


def _lead_on(session: Session, gone: Agency, stays: Agency) -> None:
    """The old page leads to the kept agency, and so do those that led to the old one."""
    now = clock.now()
    gone.merged_into, gone.updated_at = stays.id, now
    gone.version += 1
    session.flush()
    session.execute(update(Agency).where(Agency.merged_into == gone.id).values(merged_into=stays.id))
    session.execute(update(Agency).where(Agency.successor_id == gone.id, Agency.id != stays.id).values(successor_id=stays.id))
