"""What a change would do, in sentences, before it is saved. Counted by the same rule that decides who sees what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.core.access import Actor
from app.forum.administering import access as forums
from app.forum.models import GrantRight
from app.membership import access as members
from app.membership.actors import CURRENT
from app.membership.left_as import LeftAs
from app.membership.models import GroupMember, Member, Role

ROLE_MEANS = {
    Role.ADMIN: "runs the association: forums, grants, members, settings",
    Role.REVIEWER: "sees applications and decides who becomes a member",
    Role.RECORDS: "answers records requests",
}


def count_members_in(conn: Connection, actor: Actor, group_ids: list[int]) -> int:
    """Current members in any of these groups."""
    in_groups = select(GroupMember.member_id).where(GroupMember.group_id.in_(group_ids))
    statement = members.all_members(actor, func.count()).where(Member.id.in_(in_groups), Member.status.in_(CURRENT))
    return int(conn.execute(statement).scalar_one())


def of_grants(conn: Connection, actor: Actor, rights: dict[int, int], present: bool = False) -> list[str]:
    """`rights` is the whole of a forum's grants, as they would be or (`present`) are: group id to right."""

    def count(least: GrantRight) -> int:
        return count_members_in(conn, actor, [group for group, right in rights.items() if right >= least])

    reading, posting, moderating = count(GrantRight.READ), count(GrantRight.POST), count(GrantRight.MODERATE)
    see = "will see" if not present else "sees" if reading < 2 else "see"
    return [
        f"{_members(reading)} {see} this forum.",
        f"{_members(posting)} may post in it.",
        f"{_members(moderating)} may moderate it.",
    ]


def _members(count: int) -> str:
    return "Nobody" if count == 0 else "1 member" if count == 1 else f"{count:,} members"


def of_groups(conn: Connection, actor: Actor, name: str, before: set[int], after: set[int]) -> list[str]:
    """What someone would see more or less of, were they in these groups instead of those."""
    seen = {row.id: row.title for row in conn.execute(forums.forums_of_groups(actor, sorted(before)))}
    would = {row.id: row.title for row in conn.execute(forums.forums_of_groups(actor, sorted(after)))}
    more = [title for key, title in would.items() if key not in seen]
    less = [title for key, title in seen.items() if key not in would]
    said = []
    if more:
        said.append(f"{name} will see {_forums(len(more))} more: {', '.join(more)}.")
    if less:
        said.append(f"{name} will no longer see {_forums(len(less))}: {', '.join(less)}.")
    return said or [f"{name} will see the same forums as now."]


def _forums(count: int) -> str:
    return "1 forum" if count == 1 else f"{count} forums"


CALLED = {
    "active": "active", "restricted": "restricted: reads only", "suspended": "suspended", "retired": "retired",
    "separated": "left the agency", "moved": "moved to another agency", "deceased": "died", "removed": "removed for cause",
}  # fmt: skip
_STAYS = "What they wrote stays, with their name, and the rank, class and agency of that day."
_ROLES = "Roles and the groups that moderate end, and are not given back by making them active again."


def _out(row: Row[Any]) -> list[str]:
    return [
        f"{row.name} is signed out everywhere at once. Tokens and enrolment links end.",
        "No more mail goes out to them, but for letters about the account itself.",
    ]


_MAY_RETURN = "They may sign in for one thing: to ask to come back. Reviewers decide that like an application."


def of_status(row: Row[Any], status: str, *, may_return: bool = False) -> list[str]:
    back = [f"{row.name} may sign in, read and post again, by what their groups allow. Name, messages and read marks are as they were."]
    if row.former_roles:
        back.append(f"Roles are not given back by this. Held before: {row.former_roles.replace(',', ', ')}.")
    if row.left_as == LeftAs.REMOVED:
        back.append("They were removed for cause. The reason stands on their page and in the log.")
    return {
        "active": back,
        "restricted": [f"{row.name} may read, but not post. Mail to them holds links only."],
        "suspended": [*_out(row), _ROLES, _STAYS, _MAY_RETURN if may_return else "An administrator can make them active again."],
    }[status]


def of_leaving(row: Row[Any], way: str) -> list[str]:
    """Each way of leaving says its own."""
    gone = [*_out(row), "Roles and all groups but their class's end. Cases they had claimed wait for other reviewers."]
    return {
        "retired": [f"{row.name} stays a member, as a retired one: with the forums of retired members and no others.",
                    "Messages written from now on say so. Earlier ones keep the class of their day.",
                    "Roles, and all groups but that of retired members, end.",
                    "All sessions and tokens end. The next sign-in asks for a passkey and an address of their own."],
        "separated": [*gone, _STAYS, "They can come back by an administrator's act, as the same person."],
        "moved": [*gone, _STAYS, "The new agency stands in their entry at once. Access waits until reviewers have confirmed it there.",
                  _MAY_RETURN],
        "deceased": [*gone[:1], "No letter of any kind goes to their address any more.", gone[2], _STAYS,
                     "Their entry is no longer in the directory."],
        "removed": [*gone, _STAYS, "Your reason is kept for administrators alone. Only an administrator can let them back in."],
    }[way]  # fmt: skip


def of_roles(name: str, before: set[str], after: set[str]) -> list[str]:
    said = [f"{name} {ROLE_MEANS[Role(role)]}." for role in sorted(after - before)]
    said += [f"No longer: {ROLE_MEANS[Role(role)]}." for role in sorted(before - after)]
    if before - after:
        said.append(f"All sessions of {name} end.")
    return said or ["Nothing changes."]


def groups_of(conn: Connection, member_id: int) -> dict[int, Any]:
    """A member's groups: id to the group's class, None for a made one."""
    return {row.id: row.member_class for row in conn.execute(members.groups_of(member_id))}
