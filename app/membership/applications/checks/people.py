"""What members and other cases say about an application: the same person twice, the head, the supervisor, earlier cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection

from app.agencies.facts import ori_problem
from app.core.access import Actor
from app.membership import handed_on
from app.membership.alike.access import MOST, Likes, like
from app.membership.applications import access
from app.membership.applications.checks.check import Check
from app.membership.left_as import LeftAs
from app.membership.models import ApplicationState, MemberClass

HAS_LEFT = (LeftAs.SEPARATED, LeftAs.REMOVED)


def checks(conn: Connection, actor: Actor, case: Any, now: dt.datetime) -> tuple[list[Check], list[Any]]:
    """The checks, and the earlier cases of the same person."""
    members, cases = like(conn, actor, case, now)
    earlier = _same_person(case, cases)
    found = [
        _duplicate(case, (members, cases), earlier, now), _head_taken(case, members), _supervisor(case, members), _ori_state(case),
        _earlier(earlier),
    ]  # fmt: skip
    return found, earlier


def _same_person(case: Any, cases: Likes) -> list[Any]:
    """Cases of the same address, or of the same name at the same agency, the newest first."""
    same = [*cases.get("address", ()), *(c for c in cases.get("name", ()) if c.agency_id == case.agency_id is not None)]
    return sorted({c.id: c for c in same}.values(), key=lambda c: c.id, reverse=True)


def _duplicate(case: Any, found: tuple[Likes, Likes], earlier: list[Any], now: dt.datetime) -> Check:
    members, cases = found
    said = [*_like_members(case, members, now), *_like_cases(case, cases, earlier)]
    if said:
        forbids = next((_forbids(case, m, now) for m in members.get("address", ()) if m.state in HAS_LEFT), "")
        return Check("duplicate", "attention", " ".join(said), forbids)
    return Check("duplicate", "pass", "No member and no other case with this address, name, phone or network.")


def _forbids(case: Any, member: Any, now: dt.datetime) -> str:
    return handed_on.refusal(member.name, member.decided_at, case.name, now)


def _like_members(case: Any, members: Likes, now: dt.datetime) -> list[str]:
    said = [_same_address(case, m, now) for m in members.get("address", ())[:1]]
    for why, what in (("name", "has the same name"), ("phone", "gave the same phone number")):
        if same := [m for m in members.get(why, ()) if all(m.id != other.id for other in members.get("address", ()))]:
            said.append(f"A member {what}: {same[0].rank} {same[0].name}, {same[0].state}.".replace(":  ", ": "))
    return said


def _same_address(case: Any, member: Any, now: dt.datetime) -> str:
    if member.state not in HAS_LEFT:
        return "A member has this very address."
    who = f"{member.rank} {member.name}".strip()
    if _forbids(case, member, now):
        return f"It is the address of {who}, who was a member and left less than a year ago: {member.state}. This is another name."
    if not handed_on.same(member.name, case.name):
        return (
            f"It was the address of {who}, who was a member and left more than a year ago: {member.state}. This is another name. Approving "
            "makes a new member, who has the address from then on."
        )
    return (
        f"It is the address of {who}, who was a member and left: {member.state}. Approving makes the same one a member again, with all "
        "that they wrote. If somebody else has the mailbox now, decline."
    )


def _like_cases(case: Any, cases: Likes, earlier: list[Any]) -> list[str]:
    open_ones = [c for c in earlier if c.state in access.OPEN]
    said = [f"Case {open_ones[0].id} is open for the same person."] if open_ones else []
    known = {c.id for c in earlier}
    others = {why: [c for c in rows if c.id not in known] for why, rows in cases.items()}
    if same := others.get("name"):
        said.append(f"Case {same[0].id} is of somebody with the same name.")
    if same := others.get("phone"):
        said.append(f"Case {same[0].id} gave the same phone number.")
    if same := others.get("network"):
        count = "At least " * (len(same) >= MOST) + f"{len(same)} other case{'s' if len(same) > 1 else ''}"
        said.append(f"{count} came from the same network in the last 90 days, as from one agency: case {same[0].id}.")
    return said


def _head_taken(case: Any, members: Likes) -> Check:
    if case.member_class != MemberClass.HEAD:
        return Check("head_taken", "pass", "Does not apply as head of the agency.")
    if case.agency_id is None:
        return Check("head_taken", "unknown", "No listed agency, so its head is not known.")
    if heads := members.get("head"):
        return Check("head_taken", "attention", f"{heads[0].rank} {heads[0].name} is here as head of this agency.")
    return Check("head_taken", "pass", "Nobody is here as head of this agency.")


def _supervisor(case: Any, members: Likes) -> Check:
    if not case.supervisor:
        return Check("supervisor", "attention", "No supervisor is named.")
    if found := members.get("supervisor"):
        return Check("supervisor", "pass", f"{found[0].rank} {found[0].name} is a member of the same agency.")
    return Check("supervisor", "unknown", f"{case.supervisor} is no member of this agency. Ask when you call the agency back.")


def _ori_state(case: Any) -> Check:
    if case.agency_id is None:
        return Check("ori_state", "unknown", "The agency is not listed, so it has no ORI here.")
    if not case.agency_ori:
        return Check("ori_state", "unknown", "The agency's record has no ORI.")
    if problem := ori_problem(case.agency_ori, case.agency_record_state):
        return Check("ori_state", "attention", f"ORI {case.agency_ori}: {problem}")
    return Check(
        "ori_state", "pass", f"ORI {case.agency_ori} fits {case.agency_record_state}. An ORI is public and proves nothing by itself."
    )


def _earlier(earlier: list[Any]) -> Check:
    closed = [c for c in earlier if c.state in (ApplicationState.DECLINED, ApplicationState.APPROVED, ApplicationState.WITHDRAWN)]
    if closed:
        return Check("earlier", "attention", f"Case {closed[0].id} of the same person was {closed[0].state}.")
    return Check("earlier", "pass", "None by this person.")
