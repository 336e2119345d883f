"""How sending goes: what waits, what failed and with which words, and what became of one person's mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from app.core import clock
from app.core.access import Actor, Right
from app.mail.models import MailCount, MailState, OutboxMessage

WEEK = dt.timedelta(days=6)
Place = tuple[Any, ...]
PLACE = (dt.datetime, int)  # of a message among failures: when it was to be tried next, and its number


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one kind that have not left."""

    kind: str
    count: int
    oldest_at: dt.datetime


def queue(conn: Connection) -> list[Waiting]:
    table = OutboxMessage
    found = select(table.kind, func.count(), func.min(table.created_at)).where(table.state == MailState.QUEUED).group_by(table.kind)
    return [Waiting(*row) for row in conn.execute(found.order_by(table.kind))]


def ended(conn: Connection, since: dt.date | None = None) -> dict[str, int]:
    """How many messages were sent, failed and were dropped, by the days' figures."""
    found = select(MailCount.outcome, func.sum(MailCount.count)).group_by(MailCount.outcome)
    if since is not None:
        found = found.where(MailCount.day >= since)
    return dict.fromkeys(("sent", "failed", "dropped"), 0) | {outcome: int(count) for outcome, count in conn.execute(found)}


def age(waiting: Sequence[Waiting]) -> int:
    """Seconds that the oldest message has waited."""
    oldest = min((one.oldest_at for one in waiting), default=None)
    return 0 if oldest is None else max(int((clock.now() - oldest).total_seconds()), 0)


_SHOWN = (
    OutboxMessage.id, OutboxMessage.kind, OutboxMessage.recipient, OutboxMessage.member_id, OutboxMessage.state, OutboxMessage.attempts,
    OutboxMessage.created_at, OutboxMessage.next_try_at, OutboxMessage.sent_at, OutboxMessage.error, OutboxMessage.doubts,
    (func.length(OutboxMessage.raw) > 0).label("is_kept"),
)  # fmt: skip


def failures(conn: Connection, actor: Actor, before: Place | None, limit: int) -> Sequence[Any]:
    """Messages that were given up, the last first."""
    actor.require(Right.ADMIN)
    table = OutboxMessage
    rows = select(*_SHOWN).where(table.state == MailState.FAILED)
    if before is not None:
        rows = rows.where(tuple_(table.next_try_at, table.id) < tuple_(*before))
    return conn.execute(rows.order_by(table.next_try_at.desc(), table.id.desc()).limit(limit)).all()


def sent_to(conn: Connection, actor: Actor, recipient: str, limit: int) -> Sequence[Any]:
    """The newest messages to one address, whatever became of them."""
    actor.require(Right.ADMIN)
    rows = select(*_SHOWN).where(OutboxMessage.recipient == recipient)
    return conn.execute(rows.order_by(OutboxMessage.id.desc()).limit(limit)).all()
