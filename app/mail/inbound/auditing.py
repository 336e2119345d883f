"""Reading the raw message of another, as the audit may (M9): with a reason, logged before its first byte leaves, and its author told."""

from __future__ import annotations

import hashlib
import zlib

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.mail.inbound import access
from app.mail.inbound.access import M
from app.mail.notices import kinds, operations
from app.mail.notices.operations import Line


def look(session: Session, actor: Actor, message_id: int, reason: str) -> bytes:
    """The message as it came. Each look stands in the log, by what was seen; the member whose mail it is hears of it once a day."""
    row = access.one_that_came(session.connection(), actor, message_id, M.id, M.member_id, M.raw)
    raw = zlib.decompress(row.raw)
    audit.record(session, actor, "inbound.view", ("inbound", row.id), reason=reason, sha256=hashlib.sha256(raw).hexdigest())
    if row.member_id is not None and row.member_id != actor.id:
        text = f"{actor.name} read a message that you sent by mail, as an administrator. The log holds why."
        key, path = f"inbound-view:{row.id}:{clock.now():%Y%m%d}", f"/settings/mail/received/{row.id}"
        operations.tell(session, row.member_id, Line(kinds.INBOUND, text, key, path))
    return raw
