"""What a roster would do: who joins, who moves, who leaves, and which rows can't be applied and why. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.core import matching
from app.membership.actors import CURRENT
from app.membership.models import MemberClass, MemberStatus
from app.membership.names import CLASS_NAMES
from app.membership.roster_file import access
from app.membership.roster_file.reading import Conflict, Roster, Row

OUTSIDE = (MemberClass.PARTNER, MemberClass.STAFF)  # no agency vouches for them
LEAVES = {"separated": "access ends", "suspended": "access is suspended", "retired": "becomes a retired member"}


@dataclass(frozen=True, slots=True)
class Step:
    """What one row does. `member` is the present entry, none for who joins; `said` is the change in words."""

    kind: Literal["join", "move", "leave"]
    row: Row
    member: Any
    agency: Any
    said: str


@dataclass(slots=True)
class Plan:
    roster: Roster
    steps: list[Step] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    unchanged: int = 0
    absent: list[Any] = field(default_factory=list)

    def of(self, kind: str) -> list[Step]:
        return [step for step in self.steps if step.kind == kind]


def plan(session: Session, roster: Roster) -> Plan:
    """The plan as of this moment. Applying makes it anew in its own transaction, so it can't be stale."""
    made = Plan(roster, conflicts=list(roster.conflicts))
    members = access.members_by_email(session, [row.email for row in roster.rows])
    cases = access.open_cases_of(session, [row.email for row in roster.rows])
    known = agencies.by_oris(session, {row.ori for row in roster.rows if row.ori})
    for row in roster.rows:
        found = _step(row, members.get(row.email), known.get(row.ori), row.email in cases)
        if isinstance(found, Step):
            made.steps.append(found)
        elif found:
            made.conflicts.append(Conflict(row.line, row.email, found))
        else:
            made.unchanged += 1
    _keep_an_admin(session, made)
    named = {member.id for member in members.values() if member.id is not None}
    made.absent = access.not_named(session, [agency.id for agency in known.values()], named)
    made.conflicts.sort(key=lambda conflict: conflict.line)
    return made


def _step(row: Row, member: Any, agency: Any, has_case: bool) -> Step | str:
    """What the row does; a reason where it can't be applied; nothing to be said where all is so already."""
    if row.ori and agency is None:
        return f"no agency here has the ORI {row.ori}"
    if not row.ori and row.member_class not in OUTSIDE:
        return "has no ORI"
    if member is None:
        return _join(row, agency, has_case)
    if member.id is None:
        return "the address belongs to an account that is no member's"
    if problem := _someone_else(row, member, agency):
        return problem
    if row.status != "active":
        return _leave(row, member, agency)
    if member.status not in CURRENT:
        return f"is {member.status}: a file lets nobody back in"
    return _change(row, member, agency)


def _join(row: Row, agency: Any, has_case: bool) -> Step | str:
    if has_case or row.status in ("separated", "suspended"):
        return ""  # an application is open already, or they are not here anyway
    member_class = MemberClass.RETIRED if row.status == "retired" else row.member_class
    where = agency.short_name or agency.name if agency is not None else "no agency"
    return Step("join", row, None, agency, f"{CLASS_NAMES[member_class]}, {where}: a case is opened")


def _someone_else(row: Row, member: Any, agency: Any) -> str:
    """A mailbox may have been given to another person: then the row is not about this member."""
    same_words = set(matching.words(row.name)) & set(matching.words(member.name))
    same_agency = (agency.id if agency is not None else None) == member.agency_id
    if not same_words and not same_agency:
        return f"the address belongs to {member.name}, at another agency"
    if not same_words:
        return f"the address belongs to {member.name}: was the mailbox given to somebody else?"
    if (row.member_class in OUTSIDE) != (member.member_class in OUTSIDE) and member.member_class != MemberClass.RETIRED:
        return f"is here as {CLASS_NAMES[member.member_class]}: only an administrator changes that"
    return ""


def _leave(row: Row, member: Any, agency: Any) -> Step | str:
    if row.status == "retired":
        if member.status not in CURRENT:
            return f"is {member.status}: a file lets nobody back in"
        is_so = member.member_class == MemberClass.RETIRED
    else:
        is_so = member.status in (row.status, MemberStatus.SEPARATED)
    return "" if is_so else Step("leave", row, member, agency, LEAVES[row.status])


def _change(row: Row, member: Any, agency: Any) -> Step | str:
    said = []
    if agency is not None and agency.id != member.agency_id:
        said.append(f"to {agency.short_name or agency.name}: access waits until it is confirmed there")
    if row.member_class != member.member_class:
        said.append(f"{CLASS_NAMES[member.member_class]} to {CLASS_NAMES[row.member_class]}")
    if row.name != member.name:
        said.append(f"name from {member.name}")
    if row.rank and row.rank != member.rank:
        said.append(f"rank from {member.rank or 'none'} to {row.rank}")
    return Step("move", row, member, agency, "; ".join(said)) if said else ""


def _ends_an_admin(step: Step) -> bool:
    is_moved = step.kind == "move" and step.agency is not None and step.agency.id != step.member.agency_id
    return step.kind == "leave" or is_moved or (step.kind == "move" and step.row.member_class == MemberClass.RETIRED)


def _keep_an_admin(session: Session, made: Plan) -> None:
    """The last administrator does not go by a file either."""
    left = access.administrators(session)
    for step in [s for s in made.steps if s.kind != "join" and s.member.id in left and _ends_an_admin(s)]:
        if len(left) == 1:
            made.steps.remove(step)
            made.conflicts.append(Conflict(step.row.line, step.row.email, "is the last administrator"))
        else:
            left.discard(step.member.id)
