"""A member's status, class and roles. Whoever may no longer come in is out at once: departures.py says what ends with it.

The last administrator stays, whatever is asked: who changes anything that could take one away waits for others who do (L6).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.agencies import queries as agencies
from app.core import audit
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.fields import Form, Line, Reason
from app.membership import access, departures, groups
from app.membership.actors import CURRENT
from app.membership.left_as import LeftAs
from app.membership.models import Member, MemberClass, MemberRole, MemberStatus, Role


def _or_none(value: object) -> object:
    return None if value == "" else value


Version = Annotated[int, Field(ge=1)]
AT_AN_AGENCY = (MemberClass.HEAD, MemberClass.SWORN, MemberClass.CIVILIAN)


class StatusForm(Form):
    """`retired` sets the class and keeps the one before; the other words are statuses. `left_as` says how a separated member left."""

    status: Literal["active", "restricted", "suspended", "retired", "separated"]
    reason: Reason
    left_as: Annotated[LeftAs | None, BeforeValidator(_or_none)] = None
    may_return: bool = False  # whoever is suspended may ask at /return to come back; else only an administrator brings them back
    version: Version | None = None  # a page always sends the one it showed

    @model_validator(mode="after")
    def _how(self) -> StatusForm:
        if self.left_as is not None and self.status != "separated":
            raise ValueError("left_as goes with separated")
        return self


class MoveForm(Form):
    """To which agency, by its ORI, and as what: the class is asked anew, as a chief may begin there as an officer."""

    ori: Annotated[Line, StringConstraints(to_upper=True)]
    member_class: MemberClass
    reason: Reason
    version: Version | None = None


class ClassForm(Form):
    member_class: MemberClass
    reason: Reason
    version: Version


class RolesForm(Form):
    roles: list[Role] = []
    reason: Reason
    version: Version


def set_status(session: Session, actor: Actor, member_id: int, form: StatusForm) -> Member:
    member = _for_change(session, actor, member_id, form.version)
    if form.status == "retired":
        return _set_class(session, actor, member, MemberClass.RETIRED, form.reason)
    before = {"status": member.status, "left_as": member.left_as}
    member.status, member.status_reason = form.status, form.reason
    member.left_as = (form.left_as or LeftAs.SEPARATED) if form.status == "separated" else ""
    # Who decided this decides how it ends; what the calendar took, an answer gives back.
    member.way_back, member.confirm_first = form.may_return and form.status == "suspended", ""
    member.version += 1
    if member.status not in CURRENT:
        departures.shut_out(session, actor, member)
    _keep_an_admin(session)
    after = {"status": member.status, "left_as": member.left_as}
    audit.record(session, actor, "member.status", ("member", member.id), before=before, after=after, reason=form.reason)
    return member


def move(session: Session, actor: Actor, member_id: int, form: MoveForm) -> Member:
    """Another agency. Their old one vouched for them and the new one has not: access waits until reviewers have confirmed it."""
    member = _for_change(session, actor, member_id, form.version)
    agency = agencies.by_ori(session.connection(), form.ori)
    if agency is None:
        raise Invalid(ori="No agency here has this ORI.")
    if agency.id == member.agency_id:
        raise Invalid(ori="They are at this agency already.")
    if form.member_class not in AT_AN_AGENCY:
        raise Invalid(member_class="Please choose what they are at the new agency.")
    before = {"status": member.status, "agency": member.agency_id}
    member.status, member.status_reason, member.left_as = MemberStatus.SUSPENDED, form.reason, LeftAs.MOVED
    member.way_back, member.confirm_first = True, ""  # their asking to come back is what brings reviewers to the new agency
    member.agency_id, member.organization = agency.id, ""
    member.version += 1
    departures.shut_out(session, actor, member)
    _set_class(session, actor, member, form.member_class, form.reason)
    _keep_an_admin(session)
    after = {"status": member.status, "agency": member.agency_id}
    audit.record(session, actor, "member.move", ("member", member.id), before=before, after=after, reason=form.reason)
    return member


def set_class(session: Session, actor: Actor, member_id: int, form: ClassForm) -> Member:
    member = _for_change(session, actor, member_id, form.version)
    return _set_class(session, actor, member, form.member_class, form.reason)


def _set_class(session: Session, actor: Actor, member: Member, to: MemberClass, reason: str) -> Member:
    before = member.member_class
    if before == to:
        return member
    member.former_class, member.member_class = before, to
    member.version += 1
    groups.move_built_in(session, member, before)
    if to == MemberClass.RETIRED:
        departures.retire(session, actor, member)
        _keep_an_admin(session)
    audit.record(session, actor, "member.class", ("member", member.id), before=before, after=to, reason=reason)
    return member


def set_roles(session: Session, actor: Actor, member_id: int, form: RolesForm) -> Member:
    member = _for_change(session, actor, member_id, form.version)
    before, after = access.roles_of(session, member.id), {role.value for role in form.roles}
    if before == after:
        return member
    session.execute(delete(MemberRole).where(MemberRole.member_id == member.id, MemberRole.role.in_(before - after)))
    session.add_all(MemberRole(member_id=member.id, role=role) for role in sorted(after - before))
    member.version += 1
    member.former_roles = ""
    session.flush()
    _keep_an_admin(session)
    if before - after:
        accounts.end_sessions(session, actor, member.id)  # a role that is lost ends what was opened with it (A11)
    audit.record(session, actor, "member.roles", ("member", member.id), before=sorted(before), after=sorted(after), reason=form.reason)
    return member


def restore_roles(session: Session, actor: Actor, member: Member, roles: list[str]) -> None:
    """Give back what an undone act had taken, and nothing else does so unasked."""
    access.require_admin(actor)
    before = access.roles_of(session, member.id)
    new = sorted(set(roles) - before)
    if new:
        session.add_all(MemberRole(member_id=member.id, role=role) for role in new)
        audit.record(session, actor, "member.roles", ("member", member.id), before=sorted(before), after=sorted(roles), reason="undone")


def end_sessions(session: Session, actor: Actor, member_id: int) -> int:
    """An administrator ends all of one member's sessions (A17); how many there were."""
    member = access.member_for_act(session, actor, member_id)
    return accounts.end_sessions(session, actor, member.id)


def sign_out_everywhere(session: Session, actor: Actor, member_id: int) -> tuple[int, int]:
    """An administrator ends all of one member's sessions and tokens, and nothing else (A17, V11); how many there were."""
    member = access.member_for_act(session, actor, member_id)
    return accounts.sign_out_everywhere(session, actor, member.id)


def release(session: Session, actor: Actor, member_id: int) -> None:
    """An administrator unlocks a member's sign-in after too many wrong tries: with PROFILE=strict nothing else does (A6)."""
    member = access.member_for_act(session, actor, member_id)
    accounts.release(session, actor, member.id)


def _for_change(session: Session, actor: Actor, member_id: int, version: int | None) -> Member:
    """The member, locked after the administrators' roles: always in this order, so that no two changes wait for each other."""
    access.require_admin(actor)
    access.lock_role(session, Role.ADMIN)
    member = access.member_for_act(session, actor, member_id)
    if version is not None and version != member.version:
        raise Conflict("Somebody changed this member while you had the page open. Check what it says now and save again.")
    return member


def _keep_an_admin(session: Session) -> None:
    """Called after the change, with the role's rows locked: it is undone where nobody is left to run the association."""
    session.flush()
    if access.count_holders(session, Role.ADMIN) == 0:
        raise Invalid({"": "This is the last administrator. Give the role to somebody else first."})
