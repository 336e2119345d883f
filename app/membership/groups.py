"""Groups: one built in for each member class, and those the association makes: committees, task forces, regions."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.fields import Form, Id, Line, Name
from app.membership import access
from app.membership.models import Group, GroupMember, Member, MemberClass

# What a class's group is called where nobody has renamed the class.
_CLASS_GROUPS = {
    MemberClass.HEAD: "Heads of agency",
    MemberClass.SWORN: "Sworn members",
    MemberClass.CIVILIAN: "Professional staff",
    MemberClass.RETIRED: "Retired members",
    MemberClass.PARTNER: "Partners",
    MemberClass.STAFF: "Association staff",
}


class GroupForm(Form):
    name: Annotated[Name, StringConstraints(max_length=100)]
    description: Annotated[Line, StringConstraints(max_length=500)] = ""


class EditGroupForm(GroupForm):
    version: Annotated[int, Field(ge=1)]


class GroupMemberForm(Form):
    member: Id


def slug_of(name: str) -> str:
    """A name as a piece of an address: "Northwest Region" gives northwest-region."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def ensure_groups(session: Session) -> dict[str, int]:
    """All built-in groups, made where missing; their ids by member class."""
    known = access.built_in_groups(session)
    for member_class, name in _CLASS_GROUPS.items():
        if member_class not in known:
            group = Group(slug=member_class.value, name=name, member_class=member_class)
            session.add(group)
            session.flush()
            known[member_class.value] = group.id
    return known


def create_group(session: Session, actor: Actor, form: GroupForm) -> Group:
    access.require_admin(actor)
    slug = slug_of(form.name)
    if not slug:
        raise Invalid(name="Please use at least one letter or digit.")
    if session.execute(select(Group.id).where(Group.slug == slug)).first() is not None:
        raise Invalid(name="There is a group of this name already.")
    group = Group(slug=slug, name=form.name, description=form.description)
    session.add(group)
    session.flush()
    audit.record(session, actor, "group.create", ("group", group.id), name=form.name)
    return group


def rename_group(session: Session, actor: Actor, group_id: int, form: EditGroupForm) -> Group:
    group = access.group_for_act(session, actor, group_id)
    if group.version != form.version:
        raise Conflict("Somebody changed this group while you had it open. Check it and save again.")
    before = {"name": group.name, "description": group.description}
    group.name, group.description, group.version = form.name, form.description, group.version + 1
    audit.record(session, actor, "group.edit", ("group", group.id), before=before, after=form.model_dump(exclude={"version"}))
    return group


def add_to_group(session: Session, actor: Actor, group_id: int, member_id: int) -> None:
    """Put a member into a made group. A class's group follows the class alone."""
    group = _made_group(session, actor, group_id)
    member = access.member_for_act(session, actor, member_id)
    if access.is_in_group(session, member.id, group.id):
        return
    session.add(GroupMember(member_id=member.id, group_id=group.id))
    _changed(member, group)
    audit.record(session, actor, "group.add", ("group", group.id), member_id=member.id)


def remove_from_group(session: Session, actor: Actor, group_id: int, member_id: int) -> None:
    group = _made_group(session, actor, group_id)
    member = access.member_for_act(session, actor, member_id)
    if not access.is_in_group(session, member.id, group.id):
        return
    session.execute(delete(GroupMember).where(GroupMember.member_id == member.id, GroupMember.group_id == group.id))
    _changed(member, group)
    audit.record(session, actor, "group.remove", ("group", group.id), member_id=member.id)


def _made_group(session: Session, actor: Actor, group_id: int) -> Group:
    group = access.group_for_act(session, actor, group_id)
    if group.member_class is not None:
        raise Conflict("A class's own group follows the members' class: change the class instead.")
    return group


def _changed(member: Member, group: Group) -> None:
    """What the member counts as unread may be other forums' now."""
    member.read_version += 1
    group.version += 1


def leave_made_groups(session: Session, actor: Actor, member: Member, only: Select[Any] | None = None) -> list[int]:
    """Take a member out of all groups that the association made, or `only` out of some; which they were."""
    mine = [row.id for row in session.execute(access.groups_of(member.id)) if row.member_class is None]
    if only is not None:
        some = set(session.execute(only).scalars())
        mine = [group_id for group_id in mine if group_id in some]
    if mine:
        session.execute(delete(GroupMember).where(GroupMember.member_id == member.id, GroupMember.group_id.in_(mine)))
        session.execute(update(Group).where(Group.id.in_(mine)).values(version=Group.version + 1))
        member.read_version += 1
        audit.record(session, actor, "member.leave_groups", ("member", member.id), groups=mine)
    return mine


def restore(session: Session, actor: Actor, member: Member, group_ids: list[int]) -> None:
    """Put a member back into made groups that an undone act had taken them out of; a group that is gone stays gone."""
    access.require_admin(actor)
    there = set(session.execute(select(Group.id).where(Group.id.in_(group_ids), Group.member_class.is_(None))).scalars())
    new = sorted(group_id for group_id in there if not access.is_in_group(session, member.id, group_id))
    if new:
        session.add_all(GroupMember(member_id=member.id, group_id=group_id) for group_id in new)
        session.execute(update(Group).where(Group.id.in_(new)).values(version=Group.version + 1))
        member.read_version += 1
        audit.record(session, actor, "member.join_groups", ("member", member.id), groups=new)


def move_built_in(session: Session, member: Member, before: str | None) -> None:
    """Put a member into the group of their class, out of that of the class before."""
    groups = ensure_groups(session)
    leaving = [group_id for member_class, group_id in groups.items() if member_class != member.member_class]
    theirs = (GroupMember.member_id == member.id, GroupMember.group_id.in_(leaving))
    left = session.execute(select(GroupMember.group_id, GroupMember.since).where(*theirs)).first()
    session.execute(delete(GroupMember).where(*theirs))
    if not access.is_in_group(session, member.id, groups[member.member_class]):
        came = {"came_from": left.group_id, "came_since": left.since} if left else {}
        session.add(GroupMember(member_id=member.id, group_id=groups[member.member_class], **came))
    touched = [groups[c] for c in (before, member.member_class) if c is not None]
    session.execute(update(Group).where(Group.id.in_(touched)).values(version=Group.version + 1))
    member.read_version += 1
