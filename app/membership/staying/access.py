"""Members whom the daily pass has to do with, and who answers for themselves: the second fence for staying."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.membership import access
from app.membership.actors import CURRENT
from app.membership.models import Member, Role

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


def is_last_admin(session: Session, member: Member) -> bool:
    """Whether nobody else could run the association at this moment. Others who change administrators wait until this is done (L6)."""
    if Role.ADMIN not in access.roles_of(session, member.id):
        return False
    access.lock_role(session, Role.ADMIN)
    others = access.holders(session, Role.ADMIN).where(Member.id != member.id, Member.confirm_first == "")
    return session.execute(others).first() is None
