"""What ends when a member's access ends, all of it in the transaction that decides so: sessions, tokens, links, mail that waits, roles,
the moderator's groups, cases they had claimed. What they wrote stays, and so do their drafts and read marks, for when they come back.

Roles and groups that are gone come back by an administrator's act alone: being let in again does not give them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, delete, update
from sqlalchemy.orm import Session

from app.accounts import notices
from app.accounts import operations as accounts
from app.accounts.paths import ADDRESSES
from app.core import audit
from app.core.access import Actor, system
from app.membership import access, groups
from app.membership.models import Application, Member, MemberRole

RETIRED = notices.Notice(
    "Your membership goes on as that of a retired member, with the forums of retired members, and you have been signed out. A retired "
    "member signs in with a passkey and needs an address of their own, as the agency's mailbox may be closed soon. At your next sign-in "
    "you are asked for both: add a passkey of your own, and an address, which you confirm by the code that we send there.",
    page=ADDRESSES,
)
# What packages above keep for a member who leaves (mail that waits to be sent) and stop in the same transaction.
_leaving: list[Callable[[Session, int], None]] = []
# Groups that make a moderator, said by the forum: a SELECT of their ids.
_trusted: list[Select[Any]] = []


def register_leaving(stop: Callable[[Session, int], None]) -> None:
    """A package above says what it stops when a member's access ends; called once at start-up."""
    if stop not in _leaving:
        _leaving.append(stop)


def register_trusted_groups(ids: Select[Any]) -> None:
    """Which made groups even a suspended member leaves, as their rights are not given back unasked; called once at start-up."""
    _trusted[:] = [ids]


def shut_out(session: Session, actor: Actor, member: Member) -> None:
    """End a member's access: called when their status says that they may not come in."""
    access.require_admin(actor)
    session.flush()
    end_roles(session, actor, member)
    if member.left_as:
        groups.leave_made_groups(session, actor, member)
    else:
        for ids in _trusted:
            groups.leave_made_groups(session, actor, member, only=ids)
    give_back_claims(session, actor, member.id)
    accounts.end_access(session, actor, member.id)
    for stop in _leaving:
        stop(session, member.id)


def retire(session: Session, actor: Actor, member: Member) -> None:
    """Retired members come in and have forums of their own, but nothing that was given to them as somebody in service (V12)."""
    access.require_admin(actor)
    end_roles(session, actor, member)
    groups.leave_made_groups(session, actor, member)
    give_back_claims(session, actor, member.id)
    notices.tell(session, system("membership"), member.id, RETIRED)
    accounts.sign_out_everywhere(session, actor, member.id)  # the next sign-in asks for what is to be their own: retired.py


def end_roles(session: Session, actor: Actor, member: Member) -> set[str]:
    """Take all roles away; which they were. They are remembered for whoever may give them again."""
    held = access.roles_of(session, member.id)
    if held:
        session.execute(delete(MemberRole).where(MemberRole.member_id == member.id))
        member.former_roles = ",".join(sorted(held))
        audit.record(session, actor, "member.roles", ("member", member.id), before=sorted(held), after=[], reason="access ended")
    return held


def give_back_claims(session: Session, actor: Actor, member_id: int) -> None:
    """Cases that they worked on wait for other reviewers at once, not when the lease is over."""
    held = update(Application).where(Application.claimed_by == member_id)
    freed = session.execute(held.values(claimed_by=None, claimed_until=None).returning(Application.id)).scalars().all()
    if freed:
        audit.record(session, actor, "application.unclaim", ("member", member_id), applications=sorted(freed))
