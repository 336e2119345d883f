"""How much is kept of what is not posted. An address that leaked lets anybody bring messages in its member's name: in an hour so many
are kept and told, and of the rest one line says that they came (M8). The rest is not taken at all, so that a server which means it brings
it again later; what is proven to be the member's own goes on as ever."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.mail.inbound import access, judging
from app.mail.inbound.envelope import Envelope
from app.mail.inbound.judging import About
from app.mail.inbound.parsing import parse
from app.mail.inbound.refusals import NotTaken
from app.mail.notices import kinds, operations
from app.mail.notices.operations import Line

OF_THREAD, OF_MEMBER, OF_NOBODY = 30, 60, 300  # in an hour, that were not posted
OF_MEMBER_AT_MOST = 90  # also what they prove to be theirs
HOUR = dt.timedelta(hours=1)
TOLD = "More mail that can't be posted came for you than is kept. What is not proven to be yours is turned away for a while."


def turns_away(db: Database, settings: Settings, envelope: Envelope, about: About) -> bool:
    """Whether nothing is kept of this one. Its member is told once an hour."""
    with db.read() as conn:
        kept, of_thread = access.unposted_since(conn, about.member_id, about.thread_id, clock.now() - HOUR)
        if not _is_crowded(about, kept, of_thread) or access.is_known(conn, envelope.print):
            return False
        if kept < OF_MEMBER_AT_MOST and _is_theirs(conn, settings, envelope, about):
            return False
    if about.member_id is not None:
        with db.write() as session:
            line = Line(kinds.INBOUND, TOLD, f"inbound-more:{clock.now():%Y%m%d%H}", "/settings/mail/received")
            operations.tell(session, about.member_id, line)
    return True


def _is_crowded(about: About, kept: int, of_thread: int) -> bool:
    return kept >= OF_NOBODY if about.member_id is None else kept >= OF_MEMBER or of_thread >= OF_THREAD


def _is_theirs(conn: Connection, settings: Settings, envelope: Envelope, about: About) -> bool:
    """Only the header is read: it is all that proves anything."""
    try:
        judging.author(conn, settings, about.member_id, parse(envelope.header))
    except NotTaken:
        return False
    return True
