"""Whoever runs the association is told at once when a member says that a change of their account was not theirs (A10); and when a drill is
due (V14)."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.membership import access
from app.membership.models import Role


def disavowed(session: Session, member_id: int, what: str) -> None:
    """A letter to every administrator and reviewer but the member."""
    name = access.name_of(session, member_id)
    key = f"disavowed:{member_id}:{secrets.token_hex(8)}"
    for to, staff_id in access.addresses_of_holders(session, (Role.ADMIN, Role.REVIEWER)):
        if staff_id != member_id:
            values = {"name": name, "what": what, "path": f"/members/{member_id}"}
            letter = Letter("account", to, "mail/disavowed", "A member says: this was not me", key, values, staff_id, page=values["path"])
            mail.queue(session, letter)


def drill_due(session: Session, key: str) -> None:
    """A letter to every administrator, once for this key."""
    for to, admin_id in access.addresses_of_holders(session, (Role.ADMIN,)):
        mail.queue(
            session, Letter("account", to, "mail/drill-due", "An impersonation drill is due", key, {}, admin_id, page="/admin/safety")
        )
