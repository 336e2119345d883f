"""Rows that stand for nobody: the authors of an old mailing list, and members who write without their name.

Such a row is no member: its status is in none of the lists that let anyone in, mail, count, check, remind or name. Its account is shut
from the start, and its address is of a domain that can't exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import audit, clock
from app.core.access import system
from app.membership import access
from app.membership.models import Member, MemberClass, MemberStatus


@dataclass(frozen=True, slots=True)
class Nobody:
    """`name` is what readers see where others have theirs."""

    status: MemberStatus
    name: str
    address: str


LIST_ARCHIVE = Nobody(MemberStatus.ARCHIVE, "List archive", "list-archive@archive.invalid")
MASKED = Nobody(MemberStatus.MASKED, "A member", "a-member@masked.invalid")


def row_of(session: Session, nobody: Nobody) -> int:
    """The row's id; it is made when it is first needed."""
    found = access.nobody(session, nobody.status)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return _made(session, nobody)
    except IntegrityError:  # somebody else needed it at the same moment
        return session.execute(select(Account.id).where(Account.email == nobody.address)).scalar_one()


def _made(session: Session, nobody: Nobody) -> int:
    now = clock.now()
    account = Account(email=nobody.address, created_at=now, disabled_at=now)
    session.add(account)
    session.flush()
    session.add(
        Member(
            id=account.id, name=nobody.name, member_class=MemberClass.STAFF, status=nobody.status, read_before=now, approved_at=now
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, system("membership"), "nobody.make", ("member", account.id), stands_for=nobody.status)
    return account.id
