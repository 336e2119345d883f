"""Telling a member that what they sent was not posted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.mail.inbound.models import InboundMessage
from app.mail.inbound.refusals import WORDS, NotTaken
from app.mail.notices import kinds, operations
from app.mail.notices.operations import Line

SUBJECT = "Your message was not posted"


def tell(session: Session, row: InboundMessage, refused: NotTaken) -> None:
    """On the site: whose address it was sent to. By mail: its author alone, if proven, and in one letter an hour."""
    if row.member_id is None:
        return
    path = f"/settings/mail/received/{row.id}"
    text = f"A message that came by mail was not posted. {WORDS[refused.why]}"
    operations.tell(session, row.member_id, Line(kinds.INBOUND, text, f"inbound:{row.id}", path))
    if refused.author is not None:
        key, values = f"not-posted:{clock.now():%Y%m%d%H}", {"why": WORDS[refused.why], "path": path}
        mail.queue(
            session, Letter("account", refused.author.address, "mail/not_posted", SUBJECT, key, values, row.member_id, on_site=False)
        )
