"""A member's status, class and roles. Whoever may no longer come in is out at once: sessions, tokens and mail, in this transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.core import audit
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.fields import Form, Reason
from app.membership import access, groups
from app.membership.actors import CURRENT
from app.membership.models import Member, MemberClass, MemberRole, Role

# What packages above keep for a member who leaves (mail that waits to be sent) and stop in the same transaction.
_leaving: list[Callable[[Session, int], None]] = []

Version = Annotated[int, Field(ge=1)]


class StatusForm(Form):
    """`retired` sets the class and keeps the one before; the other words are statuses."""

    status: Literal["active", "restricted", "suspended", "retired", "separated"]
    reason: Reason
    version: Version | None = None  # a page always sends the one it showed


class ClassForm(Form):
    member_class: MemberClass
    reason: Reason
    version: Version


class RolesForm(Form):
    roles: list[Role] = []
    reason: Reason
    version: Version


def register_leaving(stop: Callable[[Session, int], None]) -> None:
    """A package above says what it stops when a member's access ends; called once at start-up."""
    if stop not in _leaving:
        _leaving.append(stop)


def set_status(session: Session, actor: Actor, member_id: int, form: StatusForm) -> Member:
    if form.status == "retired":
        return _retire(session, actor, member_id, form)
    access.require_admin(actor)
    access.lock_role(session, Role.ADMIN)
    member = _as_shown(session, actor, member_id, form.version)
    before = member.status
    member.status, member.status_reason = form.status, form.reason
    member.version += 1
    session.flush()
    _keep_an_admin(session)
    if member.status not in CURRENT:
        end_access(session, actor, member.id)
    audit.record(session, actor, "member.status", ("member", member.id), before=before, after=form.status, reason=form.reason)
    return member


def _retire(session: Session, actor: Actor, member_id: int, form: StatusForm) -> Member:
    member = _as_shown(session, actor, member_id, form.version)
    return _set_class(session, actor, member, MemberClass.RETIRED, form.reason)


def set_class(session: Session, actor: Actor, member_id: int, form: ClassForm) -> Member:
    member = _as_shown(session, actor, member_id, form.version)
    return _set_class(session, actor, member, form.member_class, form.reason)


def _set_class(session: Session, actor: Actor, member: Member, to: MemberClass, reason: str) -> Member:
    before = member.member_class
    if before == to:
        return member
    member.former_class, member.member_class = before, to
    member.version += 1
    groups.move_built_in(session, member, before)
    audit.record(session, actor, "member.class", ("member", member.id), before=before, after=to, reason=reason)
    return member


def set_roles(session: Session, actor: Actor, member_id: int, form: RolesForm) -> Member:
    access.require_admin(actor)
    access.lock_role(session, Role.ADMIN)
    member = _as_shown(session, actor, member_id, form.version)
    before, after = access.roles_of(session, member.id), {role.value for role in form.roles}
    if before == after:
        return member
    session.execute(delete(MemberRole).where(MemberRole.member_id == member.id, MemberRole.role.in_(before - after)))
    session.add_all(MemberRole(member_id=member.id, role=role) for role in sorted(after - before))
    member.version += 1
    session.flush()
    _keep_an_admin(session)
    if before - after:
        accounts.end_sessions(session, actor, member.id)  # a role that is lost ends what was opened with it (A11)
    audit.record(session, actor, "member.roles", ("member", member.id), before=sorted(before), after=sorted(after), reason=form.reason)
    return member


def end_access(session: Session, actor: Actor, member_id: int) -> None:
    """Sessions, tokens and waiting mail of a member end now."""
    accounts.end_access(session, actor, member_id)
    for stop in _leaving:
        stop(session, member_id)


def end_sessions(session: Session, actor: Actor, member_id: int) -> None:
    """An administrator ends all of one member's sessions (A17)."""
    member = access.member_for_act(session, actor, member_id)
    accounts.end_sessions(session, actor, member.id)


def release(session: Session, actor: Actor, member_id: int) -> None:
    """An administrator unlocks a member's sign-in after too many wrong tries: with PROFILE=strict nothing else does (A6)."""
    member = access.member_for_act(session, actor, member_id)
    accounts.release(session, actor, member.id)


def _as_shown(session: Session, actor: Actor, member_id: int, version: int | None) -> Member:
    member = access.member_for_act(session, actor, member_id)
    if version is not None and version != member.version:
        raise Conflict("Somebody changed this member while you had the page open. Check what it says now and save again.")
    return member


def _keep_an_admin(session: Session) -> None:
    """Called after the change, with the role's rows locked: it is undone where nobody is left to run the association."""
    if access.count_holders(session, Role.ADMIN) == 0:
        raise Invalid({"": "This is the last administrator. Give the role to somebody else first."})
