"""Mail domains of an agency's record. One person adds one with a reason; another, administrator or reviewer, approves it. Until then
it is no sign of anything; and it never is more than a sign (V5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.agencies import access
from app.agencies.forms import ApproveDomain, NewDomain, RemoveDomain
from app.agencies.models import AgencyDomain
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.sql import insert_into


def add_domain(session: Session, actor: Actor, agency_id: int, form: NewDomain) -> None:
    access.agency_for_edit(session, actor, agency_id)
    values: dict[str, Any] = {
        "agency_id": agency_id, "domain": form.domain, "reason": form.reason, "added_by": actor.member_id, "added_name": actor.name,
        "added_at": clock.now(),
    }  # fmt: skip
    added = insert_into(session, AgencyDomain).values(values).on_conflict_do_nothing().returning(AgencyDomain.id)
    if session.execute(added).first() is None:
        raise Invalid(domain="This domain is already listed for this agency.")
    audit.record(session, actor, "agency.add_domain", ("agency", agency_id), domain=form.domain, reason=form.reason)


def approve_domain(session: Session, actor: Actor, domain_id: int, form: ApproveDomain) -> AgencyDomain:
    """The second person's word. The database refuses the first one's own, too."""
    domain = access.domain_for_act(session, actor, domain_id)
    if domain.approved_at is not None:
        raise Conflict("This domain is approved already.")
    if domain.added_by == actor.id:
        raise Forbidden("You added this domain, so somebody else must approve it.")
    if not access.may_approve_domain(actor, domain):
        raise Forbidden
    domain.approved_by, domain.approved_name, domain.approved_at = actor.member_id, actor.name, clock.now()
    domain.approved_reason = form.how
    session.flush()
    subject = ("agency", domain.agency_id)
    audit.record(session, actor, "agency.approve_domain", subject, domain=domain.domain, added_by=domain.added_by, reason=form.how)
    return domain


def remove_domain(session: Session, actor: Actor, agency_id: int, domain_id: int, form: RemoveDomain) -> None:
    domain = access.domain_for_edit(session, actor, agency_id, domain_id)
    session.delete(domain)
    session.flush()
    audit.record(session, actor, "agency.remove_domain", ("agency", agency_id), domain=domain.domain, reason=form.why)
