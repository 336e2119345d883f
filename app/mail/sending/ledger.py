"""What became of messages, written down many at a time: a commit for each would take longer than sending it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from threading import Event

from sqlalchemy.exc import DBAPIError

from app.core.config import Settings
from app.core.db import Database
from app.mail import outbox
from app.mail.health import ladder
from app.mail.models import MailState
from app.mail.outbox import Claimed
from app.mail.sending.crew import MUCH, Outcome
from app.mail.transports import NoSuchMailbox, NotNow, Refused

log = logging.getLogger(__name__)
AT_LATEST = 0.03  # seconds until an outcome is written down
PATIENT = 20.0  # seconds for which a database that can't be written is tried again


_tick = Event()


class Ledger:
    """One run's outcomes. What a worker that dies had not written down is sent once more."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._open: list[Outcome] = []
        self._since = 0.0
        self.sent = 0

    def note(self, outcomes: list[Outcome]) -> None:
        if not self._open:
            self._since = time.monotonic()
        self._open += outcomes
        age = time.monotonic() - self._since
        if len(self._open) >= MUCH or (self._open and age >= AT_LATEST):
            self.write()

    def write(self) -> None:
        """Write down all there is. A database that is busy is tried again at the next look."""
        if not self._open:
            return
        try:
            self._write_most()
            self._write_refused()
        except DBAPIError:
            if time.monotonic() - self._since > PATIENT:
                raise
            log.warning("outcomes of %d messages wait for the database", len(self._open))

    def settle(self) -> None:
        """Write down all there is before this returns."""
        self.write()
        while self._open:
            _tick.wait(AT_LATEST)
            self.write()

    def _write_most(self) -> None:
        most = sorted((o for o in self._open if not isinstance(o[1], Refused)), key=lambda o: o[0].row.id)  # one order for all workers
        sent = [job.row.id for job, outcome in most if outcome is None]
        with self._db.write() as session:
            if sent:
                outbox.close(session, sent, MailState.SENT)
            ended = Counter({MailState.SENT: len(sent)})
            for job, outcome in most:
                if isinstance(outcome, NotNow):
                    log.warning("message %s waits: %s", job.row.id, outcome)
                    ended[MailState.FAILED] += outbox.later(session, job.row, str(outcome))
            outbox.count(session, ended)
        self.sent += len(sent)
        self._open = [o for o in self._open if isinstance(o[1], Refused)]

    def _write_refused(self) -> None:
        while self._open:
            job, outcome = self._open[-1]
            log.warning("message %s is refused: %s", job.row.id, outcome)
            self._fail(job.row, outcome)
            self._open.pop()

    def _fail(self, row: Claimed, error: Exception | None) -> None:
        """The member first, then the message: as who ends a member's access takes them."""
        with self._db.write() as session:
            if isinstance(error, NoSuchMailbox):
                ladder.gone(session, ladder.About(self._settings, row.recipient, row.created_at, str(error)))
            outbox.close(session, [row.id], MailState.FAILED, str(error))
            outbox.count(session, {MailState.FAILED: 1})
