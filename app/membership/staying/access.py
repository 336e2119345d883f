"""Members whom the daily pass has to do with, and who answers for themselves: the second fence for staying."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.accounts.models import Account
from app.agencies.models import Agency
from app.core.access import Actor, Right
from app.core.errors import Conflict, Forbidden, NotFound
from app.membership import access
from app.membership.actors import CURRENT
from app.membership.models import Application, Member, MemberClass, MemberStatus, Purpose, Role
from app.membership.staying.calendar import Stage
from app.membership.staying.models import Confirmation, ConfirmationState

Found = tuple[Member, str, dt.datetime | None]  # the member, their address, their last sign-in
_ROWS: Any = select(Member, Account.email, Account.last_sign_in_at).join(Account, Account.id == Member.id).where(Member.status.in_(CURRENT))


def _locked(session: Session, statement: Any, limit: int) -> list[Found]:
    """Rows that no other worker has in hand, locked until the transaction ends."""
    statement = statement.limit(limit).with_for_update(of=Member, skip_locked=True)
    rows = session.execute(statement.execution_options(populate_existing=True)).all()
    return [(member, email, seen) for member, email, seen in rows]


def unplanned(session: Session, limit: int) -> list[Found]:
    """Current members for whom no day is planned yet."""
    return _locked(session, _ROWS.where(Member.verify_on.is_(None)), limit)


def to_verify(session: Session, today: dt.date, limit: int) -> list[Found]:
    return _locked(session, _ROWS.where(Member.verify_on <= today), limit)


def to_look_for(session: Session, today: dt.date, limit: int) -> list[Found]:
    """Members who may not have been seen for long."""
    return _locked(session, _ROWS.where(Member.quiet_on <= today), limit)


def at_work_at(session: Session, agency_id: int) -> list[Found]:
    """Current members who work at an agency, locked; waits for whoever has one in hand, as nobody may be passed over."""
    mine = _ROWS.where(Member.agency_id == agency_id, Member.member_class != MemberClass.RETIRED).order_by(Member.id)
    rows = session.execute(mine.with_for_update(of=Member).execution_options(populate_existing=True)).all()
    return [(member, email, seen) for member, email, seen in rows]


def is_last_admin(session: Session, member: Member) -> bool:
    """Whether nobody else could run the association at this moment. Others who change administrators wait until this is done (L6)."""
    if Role.ADMIN not in access.roles_of(session, member.id):
        return False
    access.lock_role(session, Role.ADMIN)
    others = access.holders(session, Role.ADMIN).where(Member.id != member.id)
    return session.execute(others).first() is None


# A member's own answer ------------------------------------------------------------------------------------------------------

_OWN_COLUMNS: tuple[Any, ...] = (
    Member.id, Member.name, Member.rank, Member.phone, Member.member_class, Member.organization, Member.status, Member.status_reason,
    Member.way_back, Member.left_as, Member.approved_at, Member.verified_at, Member.verify_by, Member.verify_stage, Member.confirm_first,
    Member.quiet_asked_on, Account.email, Agency.name.label("agency"),
)  # fmt: skip
_STANDINGS: Select[Any] = select(*_OWN_COLUMNS).join(Account, Account.id == Member.id).outerjoin(Agency, Agency.id == Member.agency_id)
_OWN = _STANDINGS.where(Member.id == bindparam("id"))
_OWN_LOCKED = select(Member, Account.email).join(Account, Account.id == Member.id).where(Member.id == bindparam("id"))


def own_standing(conn: Connection | Session, account_id: int) -> Row[Any]:
    """Where a current member stands, for that member; NotFound for anyone else's account."""
    row = conn.execute(_OWN.where(Member.status.in_(CURRENT)), {"id": account_id}).first()
    if row is None:
        raise NotFound
    return row


def standings(actor: Actor) -> Select[Any]:
    """Where members stand, of whatever status: for administrators."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    return _STANDINGS


def member_locked(session: Session, member_id: int) -> tuple[Member, str]:
    """The member, of whatever status, and their address; the row locked until the transaction ends."""
    statement = _OWN_LOCKED.with_for_update(of=Member).execution_options(populate_existing=True)
    found = session.execute(statement, {"id": member_id}).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def whose_mailbox(session: Session, address: str) -> Member | None:
    """The current member to whom this address counts, the row locked: it is signed in with, or vetting saw it."""
    found = addresses.whose_mailbox(session, address)
    if found is None:
        return None
    member, _ = member_locked(session, found)
    return member if member.status in CURRENT else None


def waiting_of(session: Session, member_id: int) -> Confirmation | None:
    """The member's own answer that waits for a reviewer."""
    c = Confirmation
    return session.execute(select(c).where(c.member_id == member_id, c.state == ConfirmationState.WAITING)).scalars().first()


def answered_at(conn: Connection, member_id: int) -> dt.datetime | None:
    """When the member sent the answer that waits for a reviewer."""
    c = Confirmation
    statement = select(c.created_at).where(c.member_id == member_id, c.state == ConfirmationState.WAITING)
    return conn.execute(statement.limit(1)).scalar_one_or_none()


# What reviewers see ---------------------------------------------------------------------------------------------------------

_ANSWER: tuple[Any, ...] = (
    Confirmation.id, Confirmation.member_id, Confirmation.says, Confirmation.words, Confirmation.signal, Confirmation.state,
    Confirmation.created_at, Confirmation.settled_name, Confirmation.settled_at, Confirmation.note, Member.name, Member.rank,
    Member.member_class, Member.organization, Member.status, Member.phone, Member.approved_at, Member.verified_at, Member.verify_by,
    Member.confirm_first, Account.email, Agency.name.label("agency"), Agency.state.label("agency_state"),
    Agency.dissolved_on.label("agency_dissolved_on"),
)  # fmt: skip


def visible_answers(actor: Actor) -> Select[Any]:
    """Members' answers: reviewers see all of them, everybody else none."""
    if not actor.may(Right.REVIEW):
        raise NotFound
    statement: Select[Any] = select(*_ANSWER).join(Member, Member.id == Confirmation.member_id).join(Account, Account.id == Member.id)
    return statement.outerjoin(Agency, Agency.id == Member.agency_id)


def answers_of(actor: Actor, member_id: int) -> Select[Any]:
    """A member's earlier answers, the newest first."""
    return visible_answers(actor).where(Confirmation.member_id == member_id).order_by(Confirmation.id.desc()).limit(20)


def answer_for_act(session: Session, actor: Actor, answer_id: int) -> Confirmation:
    """The answer, locked, for a reviewer who may settle it."""
    if not actor.may(Right.REVIEW):
        raise NotFound
    found = session.execute(select(Confirmation).where(Confirmation.id == answer_id).with_for_update()).scalar_one_or_none()
    if found is None:
        raise NotFound
    if not actor.may_write:
        raise Forbidden
    if found.member_id == actor.id:
        raise Forbidden("This is your own answer, so another reviewer looks at it.")
    if found.state != ConfirmationState.WAITING:
        raise Conflict("Another reviewer has looked at this answer, or the member sent a newer one.")
    return found


def may_settle(actor: Actor, answer: Any) -> bool:
    return actor.may_write and answer.member_id != actor.id and answer.state == ConfirmationState.WAITING


def behind(actor: Actor) -> Select[Any]:
    """Members who did not answer in time, or must before anything opens: for reviewers."""
    if not actor.may(Right.REVIEW):
        raise NotFound
    is_behind = (Member.verify_stage >= Stage.GRACE) | (Member.confirm_first != "") | Member.way_back
    return _STANDINGS.where(is_behind, Member.status != MemberStatus.SEPARATED).order_by(Member.id)


# The way back ---------------------------------------------------------------------------------------------------------------

_CASE: tuple[Any, ...] = (
    Application.id, Application.state, Application.created_at, Application.submitted_at, Application.decided_at, access.IS_SIGNED,
)  # fmt: skip


def returning_member(conn: Connection | Session, account_id: int) -> Row[Any]:
    """Where a suspended member stands who may come back, for that member; NotFound for anyone else's account."""
    may = (Member.status == MemberStatus.SUSPENDED, Member.way_back)
    row = conn.execute(_OWN.where(*may), {"id": account_id}).first()
    if row is None:
        raise NotFound
    return row


def _returns_of(member_id: int, *columns: Any) -> Select[Any]:
    mine = (Application.member_id == member_id, Application.purpose == Purpose.RETURN)
    return select(*columns).where(*mine).order_by(Application.id.desc()).limit(1)


def last_return(conn: Connection | Session, member_id: int) -> Row[Any] | None:
    """The member's newest case to come back: its facts, not who works on it."""
    return conn.execute(_returns_of(member_id, *_CASE)).first()


def last_return_locked(session: Session, member_id: int) -> Application | None:
    application: Application | None = session.execute(_returns_of(member_id, Application).with_for_update()).scalar_one_or_none()
    return application
