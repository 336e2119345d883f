"""An administrator's verbs on the mail that goes out: stop all of it, go on, send one message once more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.config import Settings
from app.core.errors import Conflict, NotFound
from app.core.site import SiteRow
from app.core.site import read as read_site
from app.mail.delivery import remakes
from app.mail.health.access import suppressed
from app.mail.models import MailState, OutboxMessage


def pause(session: Session, actor: Actor, settings: Settings) -> None:
    """Nothing leaves by mail until somebody says so; it waits."""
    actor.require(Right.ADMIN)
    row = _site(session, settings)
    if row.mail_paused_at is None:
        row.mail_paused_at = clock.now()
        audit.record(session, actor, "mail.pause", ("site", 1))


def go_on(session: Session, actor: Actor, settings: Settings) -> None:
    actor.require(Right.ADMIN)
    row = _site(session, settings)
    if row.mail_paused_at is not None:
        audit.record(session, actor, "mail.go_on", ("site", 1), paused_at=row.mail_paused_at.isoformat())
        row.mail_paused_at = None


def _site(session: Session, settings: Settings) -> SiteRow:
    """The one row; made of what stands in the environment if first steps were not taken yet."""
    row = session.get(SiteRow, 1, with_for_update=True)
    if row is None:
        now = read_site(session, settings)
        row = SiteRow(id=1, name=now.name, address=now.address, time_zone=now.time_zone, rules_version=0, rules_required=0)
        session.add(row)
    return row


def resend(session: Session, actor: Actor, message_id: int) -> None:
    """Queue a message of one person once more, under its Message-ID. What was not kept is made anew, or it is said that it can't be."""
    actor.require(Right.ADMIN)
    row = session.execute(select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.state == MailState.QUEUED:
        raise Conflict("This message waits to be sent already.")
    if suppressed(session, [row.recipient]):
        raise Conflict("Nothing is sent to this address any more, because mail to it came back. Lift that first.")
    if not row.raw:
        row.about = _anew(row)
    audit.record(session, actor, "mail.resend", ("message", row.id), kind=row.kind, was=row.state)
    now = clock.now()
    row.state, row.error, row.attempts, row.doubts = MailState.QUEUED, "", 0, 0
    row.created_at = row.next_try_at = now


def _anew(row: OutboxMessage) -> dict[str, Any]:
    if not remakes(row.kind) or not row.about:
        raise Conflict("The text of this message was not kept, since links in it open something. Ask for a new one where it came from.")
    return {**row.about, "print": ""}  # no digest looks like this, so it is made again before it is sent
