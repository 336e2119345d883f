"""Builds the Actor: one query from a cookie's or a token's hash to the session, the member, their groups and their rights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import STRONG, Account, BearerToken, SessionLevel, SignInSession
from app.accounts.paths import RETURN
from app.accounts.sessions import Limits
from app.agencies.models import Agency
from app.core.access import Actor, Origin, Right
from app.core.errors import NotFound
from app.core.hot import Hot
from app.core.sql import joined_texts
from app.membership.models import GroupMember, Member, MemberClass, MemberRole, MemberStatus, Role
from app.web.guard import Loader, Scope, Visit

_RIGHT_OF_ROLE = {Role.ADMIN: Right.ADMIN, Role.REVIEWER: Right.REVIEW, Role.RECORDS: Right.RECORDS}
# A token opens what these scopes name, and only while its owner may (contract: the scope is cut at each call).
_SCOPE_OF_RIGHT = {Right.ADMIN: Scope.ADMIN, Right.REVIEW: Scope.MODERATE, Right.RECORDS: Scope.ADMIN, Right.MODERATE: Scope.MODERATE}
CURRENT = (MemberStatus.ACTIVE, MemberStatus.RESTRICTED)

# Built-in rights that come from a package above: forum says who moderates. A scalar that is true, given the account's id.
_extra: dict[Right, Callable[[ColumnElement[int]], ColumnElement[bool]]] = {}
_statements: dict[str, Hot] = {}
_news: list[Callable[[ColumnElement[int]], ColumnElement[int]]] = []  # how much waits to be read: one package says, or none


def register_right(right: Right, holds: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> None:
    """A package above says by SQL who has a right; called once at start-up."""
    _extra[right] = holds
    _statements.clear()


def register_news(count: Callable[[ColumnElement[int]], ColumnElement[int]]) -> None:
    """A package above says by SQL how much waits to be read by a member; called once at start-up."""
    _news[:] = [count]
    _statements.clear()


def _person_columns(account_id: Any) -> list[Any]:
    groups = select(joined_texts(GroupMember.group_id)).where(GroupMember.member_id == account_id)
    roles = select(joined_texts(MemberRole.role)).where(MemberRole.member_id == account_id)
    return [
        account_id.label("account_id"),
        Account.disabled_at,
        Member.id.label("member_id"),
        Member.name,
        Member.rank,
        Member.member_class,
        Member.status,
        Member.confirm_first,
        Member.way_back,
        Member.agency_id,
        func.coalesce(Agency.short_name, Member.organization, "").label("agency"),
        Agency.sworn,
        groups.scalar_subquery().label("groups"),
        roles.scalar_subquery().label("roles"),
        *[holds(account_id).label(f"right_{right.value}") for right, holds in _extra.items()],
    ]


def _built(name: str) -> Hot:
    """Statements are built once: building one costs more than running it."""
    statement = _statements.get(name)
    if statement is None:
        statement = _statements[name] = Hot({"cookie": _by_cookie, "bearer": _by_bearer, "member": _by_member}[name]())
    return statement


def _with_person(statement: Select[Any], account_id: Any) -> Select[Any]:
    with_account = statement.join(Account, Account.id == account_id)
    return with_account.outerjoin(Member, Member.id == account_id).outerjoin(Agency, Agency.id == Member.agency_id)


def _by_cookie() -> Select[Any]:
    s = SignInSession
    columns = [s.id, s.level, s.factor, s.last_seen_at, s.expires_at, s.stepped_up_at, s.ended_at, *_person_columns(s.account_id)]
    columns += [count(s.account_id.expression).label("news") for count in _news]
    return _with_person(select(*columns).select_from(s), s.account_id).where(s.token_hash == bindparam("key"))


def _by_bearer() -> Select[Any]:
    t = BearerToken
    columns = [t.id, t.scopes, t.expires_at, t.revoked_at, *_person_columns(t.account_id)]
    return _with_person(select(*columns).select_from(t), t.account_id).where(t.token_hash == bindparam("key"))


def _by_member() -> Select[Any]:
    statement = select(*_person_columns(Account.id)).select_from(Account).where(Account.id == bindparam("key"))
    return statement.join(Member, Member.id == Account.id).outerjoin(Agency, Agency.id == Member.agency_id)


def _rights(row: Row[Any], scopes: frozenset[Scope] | None) -> frozenset[Right]:
    rights = {_RIGHT_OF_ROLE[Role(role)] for role in (row.roles or "").split(",") if role}
    rights |= {right for right in _extra if getattr(row, f"right_{right.value}")}
    if scopes is not None:
        rights = {right for right in rights if _SCOPE_OF_RIGHT[right] in scopes}
    return frozenset(rights)


def _actor(row: Row[Any], origin: Origin, scopes: frozenset[Scope] | None = None) -> Actor | None:
    """The Actor, or None for an account that is no current member's, or whose member is to confirm something first."""
    if row.member_id is None or row.disabled_at is not None or row.status not in CURRENT or row.confirm_first:
        return None
    return Actor(
        id=row.member_id, name=row.name, rank=row.rank, member_class=row.member_class, agency_id=row.agency_id,
        agency=row.agency, agency_sworn=row.sworn,
        group_ids=frozenset(int(g) for g in (row.groups or "").split(",") if g), rights=_rights(row, scopes),
        may_write=row.status == MemberStatus.ACTIVE and (scopes is None or Scope.WRITE in scopes), origin=origin,
    )  # fmt: skip


def _waits_at(row: Row[Any]) -> str:
    """The one page that is open to someone who is asked to confirm, or to come back."""
    if row.member_id is None or row.disabled_at is not None:
        return ""
    if row.level == SessionLevel.RETURN:
        return RETURN if row.status == MemberStatus.SUSPENDED and row.way_back else ""
    return "/verify" if row.confirm_first and row.status in CURRENT else ""


def cookie_loader(limits: Limits) -> Loader:
    """A session's Visit. The idle limit counts from when it was last seen, the absolute one from its start (A13)."""

    def load(conn: Connection, key: bytes, now: dt.datetime) -> Visit | None:
        row = _built("cookie").first(conn, {"key": key})
        if row is None:
            return None
        actor = _actor(row, Origin(session_id=row.id))
        waits = actor is not None and bool(actor.rights) and row.factor not in STRONG
        if actor is not None and waits:
            actor = replace(actor, rights=frozenset())  # a role's rights open with a passkey alone, however the session was made (A2)
        ends_at = min(row.last_seen_at + limits.idle, row.expires_at)
        return Visit(
            account_id=row.account_id, actor=actor, name=row.name or "", key=key, session_id=row.id,
            is_whole=row.level == SessionLevel.FULL, is_over=row.ended_at is not None or now >= ends_at, ends_at=ends_at,
            last_seen_at=row.last_seen_at, stepped_up_at=row.stepped_up_at, rights_wait=waits, waits_at=_waits_at(row),
            news=row.news if _news else 0,
        )  # fmt: skip

    return load


def load_bearer(conn: Connection, key: bytes, now: dt.datetime) -> Visit | None:
    row = _built("bearer").first(conn, {"key": key})
    if row is None or row.revoked_at is not None or now >= row.expires_at:
        return None
    scopes = frozenset(Scope(s) for s in row.scopes.split(","))
    actor = _actor(row, Origin(), scopes)
    return Visit(account_id=row.account_id, actor=actor, name=row.name or "", key=key, is_whole=True, ends_at=row.expires_at, scopes=scopes)


def actor_of(conn: Connection | Session, member_id: int) -> Actor:
    """The Actor of a member for work done on their behalf (mail, commands); NotFound if they are not a current member."""
    row = _built("member").first(conn, {"key": member_id})
    actor = None if row is None else _actor(row, Origin())
    if actor is None:
        raise NotFound
    return actor


def needs_passkey(conn: Connection, account_id: int) -> bool:
    """Whether this member's role, or a forum that they moderate, asks for a passkey (A2); or that they are retired (V12)."""
    held = exists().where(MemberRole.member_id == bindparam("id"))
    is_retired = exists().where(Member.id == bindparam("id"), Member.member_class == MemberClass.RETIRED)
    moderates = [holds(bindparam("id")) for holds in _extra.values()]
    return bool(conn.execute(select(or_(held, is_retired, *moderates)), {"id": account_id}).scalar())
