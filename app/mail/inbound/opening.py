"""New threads by mail, `forum+SLUG@REPLY_DOMAIN`: only where the forum allows it, and held until their author says so on the site."""

from __future__ import annotations

import re

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.config import Settings
from app.core.errors import Conflict
from app.forum import access as forum_access
from app.forum.forms import NewThread
from app.forum.operations import writing
from app.forum.operations.writing import Posted
from app.forum.telling import access as telling
from app.mail.inbound import access, files
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.inbound.parsing import Parsed, subject
from app.mail.inbound.refusals import NotTaken, Why
from app.mail.notices import kinds
from app.mail.notices.operations import Line, tell

_LOCAL = re.compile(r"forum\+([a-z0-9-]{1,60})", re.IGNORECASE | re.ASCII)


def is_for(local: str) -> bool:
    """Whether this could be a forum's address. Which forums there are no server outside may learn by what is refused."""
    return _LOCAL.fullmatch(local) is not None


def forum_of(conn: Connection, local: str) -> int | None:
    """The forum that takes threads at this address."""
    found = _LOCAL.fullmatch(local)
    return telling.forum_by_mail(conn, found[1].lower()) if found else None


def title_of(message: Parsed) -> str:
    """The subject in one line, of at most 200 characters."""
    return subject(message)[:200].strip()


def hold(session: Session, sender: Actor, row: InboundMessage, message: Parsed) -> None:
    """Keep it for its author's word. Whoever can't open threads there is told the same as where there is no such forum."""
    forum = telling.forum_right(session, sender, row.forum_id)
    if forum is None or not forum_access.may_open_thread(sender, forum.right):
        raise NotTaken(Why.NOT_ALLOWED)
    row.title, row.state = title_of(message) or "Without a subject", InboundState.HELD
    audit.record(session, sender, "inbound.hold", ("inbound", row.id), forum=row.forum_id)
    text = f"Your thread for {forum.title} waits for your word."
    tell(session, sender.member_id, Line(kinds.INBOUND, text, f"inbound:{row.id}", f"/settings/mail/received/{row.id}"))


def post(session: Session, settings: Settings, actor: Actor, message_id: int, form: NewThread) -> Posted:
    """Open the thread that was held, as its author has it now."""
    row = access.for_act(session, actor, message_id)
    if row.state != InboundState.HELD:
        raise Conflict("This is done already.")
    forum = telling.forum_right(session, actor, row.forum_id)
    sent = form.model_copy(update={"attachments": files.take(session, settings, actor, row)})
    posted = writing.open_thread(session, actor, forum.slug if forum else "", sent)
    row.state, row.thread_id, row.position, row.judged_at = InboundState.POSTED, posted.thread_id, 0, clock.now()
    return posted


def throw_away(session: Session, actor: Actor, message_id: int) -> None:
    row = access.for_act(session, actor, message_id)
    if row.state != InboundState.HELD:
        raise Conflict("This is done already.")
    row.state, row.reason, row.judged_at = InboundState.DROPPED, Why.THROWN_AWAY, clock.now()
    audit.record(session, actor, "inbound.throw_away", ("inbound", row.id))
