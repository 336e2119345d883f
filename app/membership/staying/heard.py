"""A member answered by mail: that counts like a sign-in, so that who only reads and answers the digest isn't asked whether they are
there."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.membership.staying import access


def heard(session: Session, member_id: int) -> None:
    access.member_locked(session, member_id)[0].heard_at = clock.now()
