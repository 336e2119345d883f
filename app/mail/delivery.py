"""Sends what is due in the outbox. A kind that must ask again before it is sent registers how."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from app.core.config import Settings
from app.core.db import Database
from app.mail import outbox
from app.mail.models import MailState
from app.mail.outbox import Claimed
from app.mail.transports import NoSuchMailbox, NotNow, Refused, Transport, transport_for
from app.membership.staying import bounce

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A message that says something else than when it was queued."""

    raw: bytes
    about: dict[str, Any]


Verdict = Rewritten | MailState
"""QUEUED: send it as it is. DROPPED: it may no longer be sent."""
AskAgain = Callable[[Database, Settings, Sequence[Claimed]], dict[int, Verdict]]
_ask_again: dict[str, AskAgain] = {}


def asks_again(kind: str) -> Callable[[AskAgain], AskAgain]:
    """Register how messages of this kind are asked about right before they are sent (M13). Other kinds are sent regardless."""

    def register(function: AskAgain) -> AskAgain:
        _ask_again[kind] = function
        return function

    return register


class Delivery:
    """One worker's hand in the outbox."""

    def __init__(self, db: Database, settings: Settings, transport: Transport | None = None) -> None:
        self._db, self._settings = db, settings
        self._transport = transport or transport_for(settings)
        self._lease = secrets.token_hex(16)

    def run(self, stop: Event | None = None) -> int:
        """Send all that is due; how many left. When `stop` is set the message in hand is finished and the rest given back."""
        sent = 0
        try:
            while not (stop and stop.is_set()) and (rows := outbox.claim(self._db, self._lease)):
                sent += self._batch(rows, stop)
        finally:
            self._transport.close()
            outbox.release(self._db, self._lease)
        return sent

    def _batch(self, rows: list[Claimed], stop: Event | None) -> int:
        raws = self._asked_again(rows)
        done: list[int] = []
        for row in rows:
            if stop and stop.is_set():
                break
            if row.id in raws and self._send(row, raws[row.id]):
                done.append(row.id)
        if done and self._transport.repeatable:
            with self._db.write() as session:
                outbox.close(session, done, MailState.SENT)
        return len(done)

    def _asked_again(self, rows: list[Claimed]) -> dict[int, bytes]:
        """The bytes of those that may be sent, rewritten where they must be."""
        raws = {row.id: bytes(row.raw) for row in rows}
        by_kind: dict[str, list[Claimed]] = defaultdict(list)
        for row in rows:
            by_kind[row.kind].append(row)
        for kind, some in by_kind.items():
            if kind not in _ask_again:
                continue
            verdicts = _ask_again[kind](self._db, self._settings, some)
            with self._db.write() as session:
                for row_id, verdict in verdicts.items():
                    if isinstance(verdict, Rewritten):
                        raws[row_id] = verdict.raw
                        outbox.rewrite(session, row_id, verdict.raw, verdict.about)
                    elif verdict is MailState.DROPPED:
                        del raws[row_id]
                        outbox.close(session, [row_id], MailState.DROPPED)
        return raws

    def _send(self, row: Claimed, raw: bytes) -> bool:
        if not self._transport.repeatable and not outbox.keep(self._db, self._lease, row.id):
            return False
        try:
            self._transport.send(row, raw)
        except NotNow as error:
            log.warning("message %s waits: %s", row.id, error)
            with self._db.write() as session:
                outbox.later(session, row, str(error))
            return False
        except Refused as error:
            log.warning("message %s is refused: %s", row.id, error)
            self._fail(row, error)
            return False
        if not self._transport.repeatable:
            with self._db.write() as session:
                outbox.close(session, [row.id], MailState.SENT)
        return True

    def _fail(self, row: Claimed, error: Refused) -> None:
        """The member first, then the message: as who ends a member's access takes them."""
        with self._db.write() as session:
            if isinstance(error, NoSuchMailbox):
                bounce.ask_now(session, self._settings, row.recipient, row.created_at)
            outbox.close(session, [row.id], MailState.FAILED, str(error))
