"""Sends what is due in the outbox. A kind that must ask again before it is sent registers how."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.site import read as read_site
from app.mail import outbox
from app.mail.health.access import suppressed
from app.mail.models import MailState
from app.mail.outbox import Claimed
from app.mail.sending.crew import Crew, Job
from app.mail.sending.leaving import Leaving
from app.mail.sending.ledger import AT_LATEST, Ledger
from app.mail.sending.pace import Pace, domain_of
from app.mail.transports import Transport, transport_for

BATCH = 100
RENEW = dt.timedelta(minutes=1)
MARGIN = dt.timedelta(minutes=1)  # nothing is begun in the last minute of a lease
REST = dt.timedelta(minutes=1)  # for a server that can't be reached
LOOK, ASK = 0.5, 0.2  # seconds between two looks at an outbox that was empty, and at whether mail is paused
STOP_WITHIN = 20.0  # seconds for what is under way when told to stop


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A message that says something else than when it was queued, or goes to another address of the same person (`recipient`): then it has
    a Message-ID of its own, and is asked about once more before it leaves."""

    raw: bytes
    about: dict[str, Any]
    recipient: str = ""
    message_id: str = ""


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


def remakes(kind: str) -> bool:
    """Whether a message of this kind can be made anew from what is kept about it."""
    return kind in _ask_again


class Delivery:
    """One worker's hand in the outbox."""

    def __init__(self, db: Database, settings: Settings, transport: Transport | None = None, pace: Pace | None = None) -> None:
        self._db, self._settings = db, settings
        self._transport = transport or transport_for(settings)
        self._pace = pace or Pace()
        self._lease = secrets.token_hex(16)
        self._rests_until: dt.datetime | None = None

    def run(self, stop: Event | None = None) -> int:
        """Send all that is due; how many left. When `stop` is set the messages under way are finished and the rest given back."""
        if self._rests_until is not None and clock.now() < self._rests_until:
            return 0
        this = _Round(self)
        try:
            this.work(stop or Event())
        finally:
            self._rests_until = clock.now() + REST if this.is_cut_off else None
        return this.ledger.sent


class _Round:
    """One run: messages come in from the outbox, go through the crew, and what became of them is written down."""

    def __init__(self, delivery: Delivery) -> None:
        self._db, self._settings, self._lease = delivery._db, delivery._settings, delivery._lease
        self._transport, self._pace = delivery._transport, delivery._pace
        self._crew = Crew(self._transport, self._pace)
        self._leaving = Leaving(self._db, self._lease)
        self.ledger = Ledger(self._db, self._settings)
        self._renewed_at = clock.now()
        self._paused = False
        self._looks_at = self._asks_at = 0.0  # by a clock that runs also where time stands still

    @property
    def is_cut_off(self) -> bool:
        return self._crew.unreachable is not None

    def work(self, stop: Event) -> None:
        try:
            while not stop.is_set() and self._crew.unreachable is None and (self._fill() or self._has_more()):
                self.ledger.note(self._crew.outcomes(AT_LATEST))
                self._crew.watch()
                self._renew()
                self._rest()
        finally:
            self._end()

    def _end(self) -> None:
        self._crew.finish(STOP_WITHIN)
        self.ledger.note(self._crew.outcomes(0))
        if self._crew.unreachable is not None:
            self.ledger.note([(job, self._crew.unreachable) for job in self._crew.take_back()])
        self.ledger.settle()
        outbox.release(self._db, self._lease)

    def _has_more(self) -> bool:
        """Whether anything is under way, or came into the outbox by what was written down last: a refusal may write to somebody."""
        if not self._crew.is_idle:
            return True
        self.ledger.settle()
        self._looks_at = 0.0
        return self._fill()

    def _fill(self) -> bool:
        """Take in more when half of a batch has gone; whether there was any."""
        is_due = self._crew.waiting <= BATCH // 2 and time.monotonic() >= self._looks_at
        if self._is_paused(anew=is_due) or not is_due:
            return False
        rows = outbox.claim(self._db, self._lease, BATCH)
        self._looks_at = time.monotonic() + (LOOK if len(rows) < BATCH else 0)
        if rows:
            self._crew.hold_until(self._renewed_at + outbox.LEASE - MARGIN)
            self._crew.give(self._jobs(rows))
        return bool(rows)

    def _is_paused(self, anew: bool) -> bool:
        """An administrator may stop all mail at any moment: what nobody has begun is given back."""
        if not anew and time.monotonic() < self._asks_at:
            return self._paused
        with self._db.read() as conn:
            self._paused = read_site(conn, self._settings).mail_paused_at is not None
        self._asks_at = time.monotonic() + ASK
        if self._paused:
            self._give_back([job.row for job in self._crew.take_back()], clock.now())
        return self._paused

    def _give_back(self, rows: Sequence[Claimed], until: dt.datetime) -> None:
        with self._db.write() as session:
            for row in rows:
                outbox.defer(session, row, until)

    def _rest(self) -> None:
        """Give back what waits for a domain that has had enough."""
        now = clock.now()
        for job in self._crew.take_back(lambda job: self._pace.resting(job.domain, now) is not None):
            self._give_back([job.row], self._pace.resting(job.domain, now) or now)

    def _renew(self) -> None:
        now = clock.now()
        if now - self._renewed_at >= RENEW:
            outbox.renew(self._db, self._lease)
            self._renewed_at = now
            self._crew.hold_until(now + outbox.LEASE - MARGIN)

    # From rows to jobs

    def _jobs(self, rows: list[Claimed]) -> list[Job]:
        rows = self._without_turn(self._without_dropped(rows))
        raws = self._asked_again(rows)
        return [Job(row, raws[row.id], self._care(row)) for row in rows if row.id in raws]

    def _care(self, row: Claimed) -> Callable[[], bool] | None:
        return None if self._transport.is_repeatable else partial(self._leaving, row.id)

    def _without_dropped(self, rows: list[Claimed]) -> list[Claimed]:
        """Without those that are not sent: two copies may have left, or the address takes no mail any more."""
        with self._db.read() as conn:
            gone = suppressed(conn, [row.recipient for row in rows])
        off = [row.id for row in rows if row.recipient in gone]
        twice = [row.id for row in rows if row.doubts > 1 and row.id not in off]
        if off or twice:
            with self._db.write() as session:
                outbox.close(session, off, MailState.DROPPED, "nothing is sent to this address any more: mail to it came back")
                outbox.close(session, twice, MailState.SENT, "the worker died twice while it was sent: there is no third copy")
                outbox.count(session, {MailState.DROPPED: len(off), MailState.SENT: len(twice)})
        return [row for row in rows if row.id not in {*off, *twice}]

    def _without_turn(self, rows: list[Claimed]) -> list[Claimed]:
        """Without those whose domain has had enough for now: they are given back until their turn."""
        if not self._transport.is_paced:
            return rows
        now = clock.now()
        turns = {row.id: self._pace.turn(domain_of(row.recipient), now) for row in rows}
        late = [(row, turn) for row in rows if (turn := turns[row.id]) is not None]
        if late:
            with self._db.write() as session:
                for row, turn in late:
                    outbox.defer(session, row, turn)
        return [row for row in rows if turns[row.id] is None]

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
                    if isinstance(verdict, Rewritten) and verdict.recipient:
                        del raws[row_id]
                        outbox.readdress(session, row_id, verdict.raw, verdict.about, (verdict.recipient, verdict.message_id))
                    elif isinstance(verdict, Rewritten):
                        raws[row_id] = verdict.raw
                        outbox.rewrite(session, row_id, verdict.raw, verdict.about)
                    elif verdict is MailState.DROPPED:
                        del raws[row_id]
                        outbox.close(session, [row_id], MailState.DROPPED, "what it was about may no longer be sent to them")
                outbox.count(session, Counter(verdict for verdict in verdicts.values() if verdict is MailState.DROPPED))
        return raws
