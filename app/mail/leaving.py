"""What stops when a member's access ends: mail that waits to leave, in the same transaction."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mail import outbox
from app.mail.models import MailState, OutboxMessage
from app.membership import access as members

LETTERS = outbox.SECRET  # about the account itself: they still go


def stop(session: Session, member_id: int) -> None:
    """Drop a member's queued mail and forget its bytes. What a worker holds at this moment is asked again before it is sent.
    To somebody who died nothing goes any more, whatever it is about."""
    m = OutboxMessage
    waiting = [m.state == MailState.QUEUED]
    if address := members.silent_address(session, member_id):
        waiting.append((m.member_id == member_id) | (m.recipient == address))
    else:
        waiting += [m.member_id == member_id, m.kind.not_in(LETTERS)]
    stopped = session.connection().execute(update(m).where(*waiting).values(state=MailState.DROPPED, raw=b"", error="access ended"))
    outbox.count(session, {MailState.DROPPED: stopped.rowcount})
