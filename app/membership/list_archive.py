"""Who wrote what came from an old mailing list and is no member's: one row stands for all of them, and each message says the name.

It is no member: its status is in none of the lists that let anyone in, mail, count, check, remind or name. Its account is shut from the
start, and its address is of a domain that can't exist.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import audit, clock
from app.core.access import Actor
from app.membership import access
from app.membership.models import Member, MemberClass, MemberStatus

NAME = "List archive"
ADDRESS = "list-archive@archive.invalid"


def author(session: Session, actor: Actor) -> int:
    """The row's id; it is made when it is first needed."""
    access.require_admin(actor)
    found = access.list_archive(session)
    if found is not None:
        return found
    now = clock.now()
    account = Account(email=ADDRESS, created_at=now, disabled_at=now)
    session.add(account)
    session.flush()
    session.add(
        Member(
            id=account.id, name=NAME, member_class=MemberClass.STAFF, status=MemberStatus.ARCHIVE, read_before=now, approved_at=now
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, actor, "archive.author", ("member", account.id))
    return account.id
