"""What stops when a member's access ends: mail that waits to leave, in the same transaction."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mail.models import MailState, OutboxMessage

LETTERS = ("account", "application")  # about the account itself: they still go


def stop(session: Session, member_id: int) -> None:
    """Drop a member's queued mail and forget its bytes. What a worker holds at this moment is asked again before it is sent."""
    m = OutboxMessage
    waiting = (m.member_id == member_id, m.state == MailState.QUEUED, m.kind.not_in(LETTERS))
    session.execute(update(m).where(*waiting).values(state=MailState.DROPPED, raw=b"", error="access ended"))
