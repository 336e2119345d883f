"""Reads for the administrator's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.accounts.models import Account
from app.agencies.models import Agency
from app.association import access
from app.core import matching
from app.core.access import Actor
from app.core.errors import NotFound
from app.core.site import SiteRow
from app.core.sql import joined_texts
from app.forum.administering import access as forums
from app.forum.models import Forum, Grant, GrantRight
from app.membership import access as members
from app.membership.models import Application, ApplicationState, Group, GroupMember, Member, MemberRole, MemberStatus, Role

_ROLES = select(joined_texts(MemberRole.role)).where(MemberRole.member_id == Member.id).scalar_subquery()
_AGENCY = func.coalesce(Agency.short_name, Member.organization, "").label("agency")
_MEMBER: tuple[Any, ...] = (
    Member.id, Member.name, Member.rank, Member.member_class, Member.status, Member.status_reason, Member.version, Account.email,
    Member.left_as, Member.former_roles, Account.last_sign_in_at, Account.password_set_at, _AGENCY, _ROLES.label("roles"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """What is set up and what waits."""

    forums: int
    groups: int
    members: dict[str, int]
    reviewers: int
    waiting: int
    is_founding_open: bool

    @property
    def is_ready(self) -> bool:
        return self.forums > 0 and self.reviewers >= 2


def overview(conn: Connection, actor: Actor) -> Overview:
    by_status = conn.execute(members.all_members(actor, Member.status, func.count()).group_by(Member.status))
    counted = {str(status): int(count) for status, count in by_status}
    reviewers = members.all_members(actor, func.count()).join(MemberRole, MemberRole.member_id == Member.id)
    waiting = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW, ApplicationState.FIRST_DECISION)
    # The number alone: the cases are the reviewers'.
    open_cases = select(func.count()).select_from(Application).where(Application.state.in_(waiting))
    return Overview(
        forums=len(conn.execute(forums.all_forums(actor, Forum.id)).all()),
        groups=conn.execute(members.all_groups(actor, func.count())).scalar_one(),
        members={status.value: counted.get(status, 0) for status in MemberStatus},
        reviewers=conn.execute(reviewers.where(MemberRole.role == Role.REVIEWER, Member.status == MemberStatus.ACTIVE)).scalar_one(),
        waiting=conn.execute(open_cases).scalar_one(),
        is_founding_open=access.is_founding_open(conn),
    )


def all_forums(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Forums in order, each with the number of groups that have a right in it."""
    granted = select(func.count()).where(Grant.forum_id == Forum.id).scalar_subquery().label("granted")
    columns = (Forum.id, Forum.slug, Forum.title, Forum.description, Forum.marking_floor, Forum.version, granted)
    return list(conn.execute(forums.all_forums(actor, *columns)))


def forum(conn: Connection, actor: Actor, forum_id: int) -> Row[Any]:
    columns: tuple[Any, ...] = (
        Forum.id, Forum.slug, Forum.title, Forum.description, Forum.marking_floor, Forum.version, Forum.mail_most, Forum.mail_threads,
        Forum.anonymous_ok, Forum.export_ok, Forum.edit_hours,
    )  # fmt: skip
    row = conn.execute(forums.all_forums(actor, *columns).where(Forum.id == forum_id)).first()
    if row is None:
        raise NotFound
    return row


def grants(conn: Connection, actor: Actor, forum_id: int) -> dict[int, int]:
    return {row.group_id: row.right for row in conn.execute(forums.grants_of(actor, forum_id))}


def all_groups(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Built-in groups first, then the made ones by name; each with its number of members."""
    size = select(func.count()).where(GroupMember.group_id == Group.id).scalar_subquery().label("size")
    columns = (Group.id, Group.slug, Group.name, Group.description, Group.member_class, Group.version, size)
    return list(conn.execute(members.all_groups(actor, *columns).order_by(Group.member_class.is_(None), Group.name)))


def group(conn: Connection, actor: Actor, group_id: int) -> Row[Any]:
    row = next((row for row in all_groups(conn, actor) if row.id == group_id), None)
    if row is None:
        raise NotFound
    return row


def members_of_group(conn: Connection, actor: Actor, group_id: int, limit: int = 200) -> list[Row[Any]]:
    statement = _members(actor).join(GroupMember, GroupMember.member_id == Member.id).where(GroupMember.group_id == group_id)
    return list(conn.execute(statement.order_by(Member.name, Member.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Ask:
    """Which members: words or an address, a status, from after this (name, id)."""

    text: str = ""
    status: str = ""
    after: tuple[str, int] | None = None
    limit: int = 50


def find_members(conn: Connection, actor: Actor, ask: Ask) -> list[Row[Any]]:
    """Members by words of their name, rank or firm, or by their whole address; one more than `limit`, if there are more."""
    statement = _members(actor)
    if "@" in ask.text:
        statement = statement.where(Account.email == ask.text.strip().lower())
    else:
        for word in matching.words(ask.text)[: matching.MOST_WORDS]:
            statement = statement.where(matching.position_in(Member.search_text, f" {word}") > 0)
    if ask.status:
        statement = statement.where(Member.status == ask.status)
    if ask.after is not None:
        name, member_id = ask.after
        statement = statement.where((Member.name > name) | ((Member.name == name) & (Member.id > member_id)))
    return list(conn.execute(statement.order_by(Member.name, Member.id).limit(ask.limit + 1)))


def member(conn: Connection, actor: Actor, member_id: int) -> Row[Any]:
    row = conn.execute(_members(actor).where(Member.id == member_id)).first()
    if row is None:
        raise NotFound
    return row


def _members(actor: Actor) -> Any:
    statement = members.all_members(actor, *_MEMBER).join(Account, Account.id == Member.id)
    return statement.outerjoin(Agency, Agency.id == Member.agency_id)


RIGHTS = ((0, "None"), (int(GrantRight.READ), "Read"), (int(GrantRight.POST), "Post"), (int(GrantRight.MODERATE), "Moderate"))


_SITE = select(SiteRow.rules, SiteRow.welcome, SiteRow.hides_own_agency, SiteRow.mail_most, SiteRow.hello_forum).where(SiteRow.id == 1)


def site_row(conn: Connection) -> Any:
    """The texts as they were written; none before the administrator's first save."""
    return conn.execute(_SITE).first()


def texts(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Every version of the association's texts, the newest first."""
    return list(conn.execute(access.visible_texts(actor)))


def has_site(conn: Connection) -> bool:
    return site_row(conn) is not None
