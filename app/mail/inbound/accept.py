"""Taking a message in: kept first, judged then, each in a transaction of its own, so that nothing that was answered with a yes is lost.

A refused message is kept too, and its sender told: on the site, and by mail only who has proven to be that member, once an hour at most,
so that a forger makes us write to nobody and no loop can begin (M8). How many of those there may be: crowding.py."""

from __future__ import annotations

import logging
import zlib
from dataclasses import replace

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.fields import without_controls
from app.mail import envelope as envelopes
from app.mail import reply_tokens
from app.mail.inbound import access, crowding, judging, telling
from app.mail.inbound.envelope import MOST_BYTES, Answer, Envelope
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.inbound.refusals import NotTaken, Why

log = logging.getLogger(__name__)
_ANSWERS = {
    InboundState.POSTED: Answer.TAKEN, InboundState.HELD: Answer.TAKEN, InboundState.DROPPED: Answer.TAKEN,
    InboundState.REFUSED: Answer.REFUSED,
    InboundState.RECEIVED: Answer.TRY_LATER,
}  # fmt: skip


def would_take(db: Database, settings: Settings, recipient: str) -> Answer:
    """What to tell a server that names a recipient, before it brings the message: it need not write to anybody whom a forger named."""
    envelope = Envelope("", recipient, b"")
    if envelope.domain != settings.mail_domain.lower():
        return Answer.NO_SUCH_ADDRESS
    if envelopes.is_for(envelope.local):
        return Answer.TAKEN
    try:
        with db.read() as conn:
            return Answer.TAKEN if judging.about(conn, envelope) else Answer.NO_SUCH_ADDRESS
    except SQLAlchemyError:
        log.exception("a recipient can't be looked up")
        return Answer.TRY_LATER


def accept(db: Database, settings: Settings, envelope: Envelope) -> Answer:
    """What to tell the server that brings this message. Whatever it holds, there is an answer."""
    if envelope.domain != settings.mail_domain.lower():
        return Answer.NO_SUCH_ADDRESS
    try:
        if envelopes.is_for(envelope.local):
            from app.mail.health import bounces  # late: only a report needs it, and it knows much

            return bounces.take(db, settings, envelope)
        with db.read() as conn:
            about = judging.about(conn, envelope)
        if about is None:
            return Answer.NO_SUCH_ADDRESS
        if crowding.turns_away(db, settings, envelope, about):
            return Answer.TRY_LATER
        if len(envelope.raw) > MOST_BYTES:
            kept = _keep(db, replace(envelope, raw=envelope.header), about)  # nothing that could be posted
            return _refuse(db, kept, NotTaken(Why.TOO_LARGE)) if kept else Answer.REFUSED
        kept = _keep(db, envelope, about)
        return judge(db, settings, kept, envelope.recipient) if kept else _answer_before(db, envelope)
    except SQLAlchemyError:
        log.exception("a message waits outside")
        return Answer.TRY_LATER


def _keep(db: Database, envelope: Envelope, about: judging.About) -> int | None:
    """The id of the message that is kept from now on; None for one that was here before and is judged."""
    try:
        with db.write() as session:
            found = access.known(session, envelope.print)
            if found is not None:
                return found.id if found.state == InboundState.RECEIVED else None
            row = InboundMessage(
                received_at=clock.now(), sender=without_controls(envelope.sender).strip("<> ")[:254], recipient=about.shown,
                print=envelope.print, message_id=without_controls(envelope.message_id)[:320], raw=zlib.compress(envelope.raw, 6),
                size=len(envelope.raw), member_id=about.member_id, thread_id=about.thread_id, forum_id=about.forum_id, cut=[],
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id
    except IntegrityError:  # the same message at the same moment
        return None


def _answer_before(db: Database, envelope: Envelope) -> Answer:
    with db.write() as session:
        found = access.known(session, envelope.print)
        return Answer.TRY_LATER if found is None else _ANSWERS[InboundState(found.state)]


def judge(db: Database, settings: Settings, message_id: int, recipient: str) -> Answer:
    """Post a kept message, hold it, or say why not. Nothing of a refused one stays but the refusal."""
    try:
        with db.write() as session:
            row = access.taken(session, message_id)
            if row.state == InboundState.RECEIVED:
                judging.judge(session, settings, row, recipient)
            return _ANSWERS[InboundState(row.state)]
    except NotTaken as refused:
        return _refuse(db, message_id, refused)
    except DataError:  # words that no database holds: tomorrow they are the same
        log.exception("inbound message %s can't be kept", message_id)
        return _refuse(db, message_id, NotTaken(Why.UNREADABLE))
    except SQLAlchemyError:
        raise
    except Exception:  # a message that breaks the reader must not be brought again and again
        log.exception("inbound message %s could not be read", message_id)
        return _refuse(db, message_id, NotTaken(Why.UNREADABLE))


def _refuse(db: Database, message_id: int, refused: NotTaken) -> Answer:
    why = refused.why
    state = InboundState.DROPPED if why is Why.AUTOMATIC else InboundState.REFUSED
    with db.write() as session:
        row = access.taken(session, message_id)
        row.state, row.reason, row.judged_at = state, why, clock.now()
        if refused.author is not None:
            row.member_id = refused.author.member_id
        audit.record(session, system("inbound"), "inbound.refuse", ("inbound", row.id), reason=why, member=row.member_id)
        if state is InboundState.REFUSED:
            telling.tell(session, row, refused)
    return _ANSWERS[state]


def go_on(db: Database, settings: Settings) -> int:
    """Judge what was kept and left by a process that died; how many. Their address is gone with it, but not what it stood for."""
    with db.read() as conn:
        left = access.left_over(conn, clock.now() - reply_tokens.SETTLED)
    for message_id in left:
        judge(db, settings, message_id, "")
    return len(left)
