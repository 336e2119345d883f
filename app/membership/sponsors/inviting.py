"""A member invites a colleague: one letter with fixed words, and an application by its link names that member as the sponsor. It opens
nothing: who was invited applies like anyone, and the sponsor is asked like any (V3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy.orm import Session

from app.accounts.throttle import counted
from app.core import audit, clock
from app.core.access import Actor
from app.core.email import Email
from app.core.errors import Forbidden, Invalid
from app.core.fields import Form
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.signing import new_token, token_hash
from app.membership import access as members
from app.membership.applications.limits import DAY, may_write_to
from app.membership.sponsors.models import Invitation

A_DAY = 5  # by one member
SUBJECT = "A colleague invites you to apply for membership"


class InviteForm(Form):
    email: Annotated[Email, StringConstraints(min_length=1)]


def invite(session: Session, actor: Actor, form: InviteForm) -> None:
    """Whether the address is a member's, or had its letters today: the answer is the same, and no letter goes."""
    if not actor.may_write:
        raise Forbidden
    now = clock.now()
    if counted(session, f"invite member {actor.member_id}", DAY, now) > A_DAY:
        raise Invalid(email="You invited many people today. Please go on tomorrow.")
    token = new_token()
    row = Invitation(member_id=actor.member_id, email=form.email, token_hash=token_hash(token), sent_at=now)
    session.add(row)
    session.flush()
    if not _is_here(session, form.email) and may_write_to(session, form.email, now):
        # As the register calls it: what members may write of themselves stands in no letter to a stranger (V9).
        values = {"path": f"/apply?invited={token}", "agency": actor.agency if actor.agency_id is not None else ""}
        mail.queue(session, Letter("application", form.email, "invitation", SUBJECT, f"invitation:{row.id}", values))
    audit.record(session, actor, "member.invite", ("invitation", row.id), email=form.email)


def _is_here(session: Session, email: str) -> bool:
    return members.account_by_email(session, email) is not None and not members.is_former(session, email)
