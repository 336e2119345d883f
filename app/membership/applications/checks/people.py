"""What members and other cases say about an application: the same person twice, the head, the supervisor, earlier cases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, or_, select

from app.accounts.models import Account
from app.membership.actors import CURRENT
from app.membership.applications import access
from app.membership.applications.checks.check import Check
from app.membership.models import ApplicationState, Member, MemberClass


def checks(conn: Connection, case: Any, earlier: list[Any]) -> list[Check]:
    known: list[Any] = list(conn.execute(_members_like(case)))
    return [_duplicate(case, known, earlier), _head_taken(case, known), _supervisor(case, known), _ori_state(case), _earlier(earlier)]


def _members_like(case: Any) -> Any:
    """Everybody a check may name, in one query: the same address, the same name, the agency's heads, the supervisor."""
    alike = [Account.email == case.email, func.lower(Member.name) == case.name.lower()]
    if case.agency_id is not None:
        alike.append((Member.agency_id == case.agency_id) & (Member.member_class == MemberClass.HEAD) & Member.status.in_(CURRENT))
        alike.append((Member.agency_id == case.agency_id) & Member.status.in_(CURRENT))
    columns = (Member.id, Member.name, Member.rank, Member.member_class, Member.status, Member.agency_id, Account.email)
    return select(*columns).join(Account, Account.id == Member.id).where(or_(*alike)).order_by(Member.id).limit(500)


def _duplicate(case: Any, known: list[Any], earlier: list[Any]) -> Check:
    others = [m for m in known if m.id != case.member_id]
    if any(m.email == case.email for m in others):
        return Check("duplicate", "attention", "A member has this very address.")
    if open_ones := [c for c in earlier if c.state in access.OPEN]:
        return Check("duplicate", "attention", f"Case {open_ones[0].id} is open for the same person.")
    if same := [m for m in others if m.name.lower() == case.name.lower()]:
        return Check("duplicate", "attention", f"A member has the same name: {same[0].rank} {same[0].name}, {same[0].status}.")
    return Check("duplicate", "pass", "No member and no open case with this address or name.")


def _head_taken(case: Any, known: list[Any]) -> Check:
    if case.member_class != MemberClass.HEAD:
        return Check("head_taken", "pass", "Does not apply as head of the agency.")
    if case.agency_id is None:
        return Check("head_taken", "unknown", "No listed agency, so its head is not known.")
    heads = [m for m in known if m.agency_id == case.agency_id and m.member_class == MemberClass.HEAD and m.id != case.member_id]
    if heads:
        return Check("head_taken", "attention", f"{heads[0].rank} {heads[0].name} is here as head of this agency.")
    return Check("head_taken", "pass", "Nobody is here as head of this agency.")


def _supervisor(case: Any, known: list[Any]) -> Check:
    if not case.supervisor:
        return Check("supervisor", "attention", "No supervisor is named.")
    named = case.supervisor.lower()
    found = [m for m in known if case.agency_id is not None and m.agency_id == case.agency_id and m.name.lower() in named]
    if found:
        return Check("supervisor", "pass", f"{found[0].rank} {found[0].name} is a member of the same agency.")
    return Check("supervisor", "unknown", f"{case.supervisor} is no member of this agency. Ask when you call the agency back.")


def _ori_state(case: Any) -> Check:
    if case.agency_id is None:
        return Check("ori_state", "unknown", "The agency is not listed, so it has no ORI here.")
    if not case.agency_ori:
        return Check("ori_state", "unknown", "The agency's record has no ORI.")
    if case.agency_ori[:2] != case.agency_record_state:
        return Check("ori_state", "attention", f"ORI {case.agency_ori} does not begin with the agency's state, {case.agency_record_state}.")
    return Check(
        "ori_state", "pass", f"ORI {case.agency_ori} fits {case.agency_record_state}. An ORI is public and proves nothing by itself."
    )


def _earlier(earlier: list[Any]) -> Check:
    closed = [c for c in earlier if c.state in (ApplicationState.DECLINED, ApplicationState.APPROVED, ApplicationState.WITHDRAWN)]
    if closed:
        return Check("earlier", "attention", f"Case {closed[0].id} of the same person was {closed[0].state}.")
    return Check("earlier", "pass", "None by this person.")
