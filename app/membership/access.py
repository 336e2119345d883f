"""The second fence for members and groups as administrators and operations reach them. What members see of each other: directory.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.accounts.models import Account
from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.membership.actors import CURRENT
from app.membership.left_as import LeftAs
from app.membership.models import (
    NO_PERSON,
    Application,
    Decision,
    Group,
    GroupMember,
    Member,
    MemberClass,
    MemberRole,
    MemberStatus,
    Purpose,
    Role,
)


def require_admin(actor: Actor) -> None:
    """The system too may: commands and first steps act as it."""
    actor.require(Right.ADMIN)
    if not actor.may_write:
        raise Forbidden


def may_sign_in(conn: Connection | Session, account_id: int) -> bool:
    """Whether this account is a current member's: asked by accounts before a session is begun. No row, or over: no."""
    return conn.execute(select(Member.id).where(Member.id == account_id, Member.status.in_(CURRENT))).first() is not None


def is_member(conn: Connection | Session, account_id: int) -> bool:
    """Whether this account is or was a member's."""
    return conn.execute(select(Member.id).where(Member.id == account_id)).first() is not None


def class_of(conn: Connection | Session, account_id: int) -> str:
    """For rules about a person's own sign-in and mail; nothing for who is no member."""
    return conn.execute(select(Member.member_class).where(Member.id == account_id)).scalar() or ""


def vetted_in_service(conn: Connection | Session, account_id: int) -> list[str] | None:
    """The addresses with which a member applied while in service; None for who came without an application."""
    a = Application
    mine = select(a.email, a.member_class).where(a.member_id == account_id, a.purpose == Purpose.JOIN)
    rows = conn.execute(mine).all()
    return [row.email for row in rows if row.member_class != MemberClass.RETIRED] if rows else None


def may_return(conn: Connection | Session, account_id: int) -> bool:
    """Whether this account is one of a suspended member whom the calendar, or an administrator's word, leaves a way back."""
    may = (Member.id == account_id, Member.status == MemberStatus.SUSPENDED, Member.way_back)
    return conn.execute(select(Member.id).where(*may)).first() is not None


# Members --------------------------------------------------------------------------------------------------------------------


def all_members(actor: Actor, *columns: Any) -> Select[Any]:
    """Members of every status: for administrators alone. Rows that are no person's are none of them."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    return select(*(columns or (Member,))).select_from(Member).where(Member.status.not_in(NO_PERSON))


def member_for_act(session: Session, actor: Actor, member_id: int) -> Member:
    """A member whom an administrator changes, the row locked until the transaction ends."""
    require_admin(actor)
    statement = all_members(actor).where(Member.id == member_id).with_for_update()
    member: Member | None = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if member is None:
        raise NotFound
    return member


def account_by_email(conn: Connection | Session, email: str) -> int | None:
    """Whether an address is taken: for operations, never told to who asks."""
    return addresses.owner_of(conn, email)


def _former(email: str) -> Select[Any]:
    has_left = (Member.status == MemberStatus.SEPARATED, Member.left_as != LeftAs.DECEASED)
    return select(Member).where(Member.id.in_(addresses.holders_of(email)), *has_left)


def is_former(session: Session, email: str) -> bool:
    """Whether this address is that of somebody who was a member and has left: they apply like anyone, and are nobody's second."""
    return session.execute(_former(email).with_only_columns(Member.id)).first() is not None


def former_locked(session: Session, actor: Actor, email: str) -> Member | None:
    """The same for the outcome of their case: the member, locked, for the reviewer who signs second."""
    actor.require(Right.REVIEW)
    return session.execute(_former(email).with_for_update()).scalar_one_or_none()


def named_by(email: Any) -> Select[Any]:
    """The member who has this confirmed address, whichever of theirs it is and whatever their status; `email` may be a column."""
    return select(Member.id).where(Member.id.in_(addresses.holders_of(email)), Member.status.not_in(NO_PERSON))


def address_of_current(session: Connection | Session, member_id: int) -> str | None:
    """Where to write to a member, while they are one."""
    statement = select(Account.email).join(Member, Member.id == Account.id).where(Member.id == member_id, Member.status.in_(CURRENT))
    return session.execute(statement).scalar_one_or_none()


def members_by_address(conn: Connection | Session, emails: list[str]) -> dict[str, int]:
    """Whose these addresses are, whichever of their confirmed ones it is: for operations, never told to who asks."""
    owners = addresses.owners_of(conn, emails)
    people = select(Member.id).where(Member.id.in_(set(owners.values())), Member.status.not_in(NO_PERSON))
    ids = set(conn.execute(people).scalars())
    return {email: owner for email, owner in owners.items() if owner in ids}


def nobody(session: Session, status: MemberStatus) -> int | None:
    """The row with this status that stands for nobody, once there is one: nobodies.py."""
    return session.execute(select(Member.id).where(Member.status == status)).scalar_one_or_none()


def is_masked(member_id: Any) -> ColumnElement[bool]:
    """Whether a column names the row that stands for members who write without their name."""
    return exists().where(Member.id == member_id, Member.status == MemberStatus.MASKED)


_SILENT = select(Account.email).join(Member, Member.id == Account.id).where(Member.left_as == LeftAs.DECEASED)


def is_silent(session: Session, address: str, member_id: int | None) -> bool:
    """Whether no letter goes there any more, as its owner died. Asked by mail, never told to who asks."""
    return session.execute(_SILENT.where((Account.email == address) | (Member.id == member_id))).first() is not None


def silent_address(session: Session, member_id: int) -> str | None:
    """The same by the member: their address, or None while letters may go there."""
    return session.execute(_SILENT.where(Member.id == member_id)).scalar_one_or_none()


# Roles ----------------------------------------------------------------------------------------------------------------------


def roles_of(session: Session, member_id: int) -> set[str]:
    return set(session.execute(select(MemberRole.role).where(MemberRole.member_id == member_id)).scalars())


def holders(session: Session, role: Role) -> Select[Any]:
    """Members who hold a role and can act on it."""
    return (
        select(MemberRole.member_id)
        .join(Member, Member.id == MemberRole.member_id)
        .join(Account, Account.id == Member.id)
        .where(MemberRole.role == role, Member.status == MemberStatus.ACTIVE, Member.confirm_first == "", Account.disabled_at.is_(None))
    )


def count_holders(session: Session, role: Role) -> int:
    return session.execute(select(func.count()).select_from(holders(session, role).subquery())).scalar_one()


def addresses_of_holders(session: Session, roles: tuple[Role, ...]) -> list[tuple[str, int]]:
    """Where to write to everybody who holds one of these roles and can act on it: address and id, each person once."""
    held = select(MemberRole.member_id).where(MemberRole.role.in_(roles))
    people = select(Account.email, Member.id).join(Account, Account.id == Member.id).where(Member.id.in_(held))
    current = people.where(Member.status == MemberStatus.ACTIVE, Account.disabled_at.is_(None)).order_by(Member.id)
    return [(row.email, row.id) for row in session.execute(current)]


def name_of(session: Session, member_id: int) -> str:
    return session.execute(select(Member.name).where(Member.id == member_id)).scalar_one_or_none() or f"account {member_id}"


def lock_role(session: Session, role: Role) -> None:
    """Who changes the holders of a role waits here for others who do: so the last one can't be lost by two at once (L6).

    The rows are counted by a statement of its own afterwards, which sees what the others committed."""
    session.execute(select(MemberRole.member_id).where(MemberRole.role == role).order_by(MemberRole.member_id).with_for_update()).all()


# Groups ---------------------------------------------------------------------------------------------------------------------


def all_groups(actor: Actor, *columns: Any) -> Select[Any]:
    if not actor.may(Right.ADMIN):
        raise NotFound
    return select(*(columns or (Group,))).select_from(Group)


def group_for_act(session: Session, actor: Actor, group_id: int) -> Group:
    require_admin(actor)
    statement = all_groups(actor).where(Group.id == group_id).with_for_update()
    group: Group | None = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if group is None:
        raise NotFound
    return group


def built_in_groups(session: Session) -> dict[str, int]:
    """Group ids by member class."""
    rows = session.execute(select(Group.member_class, Group.id).where(Group.member_class.is_not(None)))
    return {str(member_class): group_id for member_class, group_id in rows}


def is_in_group(session: Session, member_id: int, group_id: int) -> bool:
    return session.get(GroupMember, (member_id, group_id)) is not None


_GROUP: tuple[Any, ...] = (Group.id, Group.name, Group.member_class)


def groups_of(member_id: int) -> Select[Any]:
    """The groups of a member who was reached through `all_members`."""
    statement: Select[Any] = select(*_GROUP).join(GroupMember, GroupMember.group_id == Group.id)
    return statement.where(GroupMember.member_id == member_id).order_by(Group.name)


IS_SIGNED = exists().where(Decision.application_id == Application.id).label("is_signed")
"""Of a case in the statement around it: whether one reviewer at least has decided, not who."""
