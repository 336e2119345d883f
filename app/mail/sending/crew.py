"""The threads that send, each with a connection of its own. They touch no database but by what a job brings along."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core import clock
from app.mail.outbox import Claimed
from app.mail.sending.pace import Pace, domain_of
from app.mail.transports import Connection, NotNow, Refused, Transport, Unreachable, said

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """A message to send. `before_end` makes sure of something before its last line goes."""

    row: Claimed
    raw: bytes
    before_end: Callable[[], bool] | None = None
    domain: str = field(init=False)

    def __post_init__(self) -> None:
        self.domain = domain_of(self.row.recipient)


MUCH = 100  # outcomes, to be written down at once
Outcome = tuple[Job, NotNow | Refused | None]
"""What became of a job; None: the server has it."""


class Crew:
    """Sends the jobs it is given. One more connection is opened when all that there are work, and none while the server is not there."""

    def __init__(self, transport: Transport, pace: Pace) -> None:
        self._transport, self._pace = transport, pace
        self._lock = threading.Lock()
        self._jobs, self._news = threading.Condition(self._lock), threading.Condition(self._lock)
        self._waiting: deque[Job] = deque()
        self._done: list[Outcome] = []
        self._lanes: list[_Lane] = []
        self._most = transport.lanes
        self._at_work = 0
        self._ending = False
        self._good_until = clock.now()
        self.unreachable: Unreachable | None = None

    def give(self, jobs: list[Job]) -> None:
        with self._lock:
            self._waiting.extend(jobs)
            self._man()
            self._jobs.notify_all()

    def hold_until(self, moment: dt.datetime) -> None:
        """Nothing new is begun after this moment: by then it may be another worker's."""
        with self._lock:
            self._good_until = moment
            self._jobs.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        return not (self._waiting or self._at_work or self._done)

    def outcomes(self, seconds: float) -> list[Outcome]:
        """What was done since. It waits so long, or until there is much or nothing more to come."""
        with self._lock:
            if (self._at_work or self._waiting) and not self.unreachable:
                self._news.wait(seconds)
            done, self._done = self._done, []
            return done

    def take_back(self, wanted: Callable[[Job], bool] = lambda _: True) -> list[Job]:
        """Jobs that nobody has begun."""
        with self._lock:
            back = [job for job in self._waiting if wanted(job)]
            if back:
                self._waiting = deque(job for job in self._waiting if not wanted(job))
            return back

    def watch(self) -> None:
        """End what a server keeps waiting for too long."""
        for lane in self._lanes:
            if lane.connection.is_late():
                lane.connection.abort()

    def finish(self, seconds: float) -> None:
        """Let those at work end what they have in hand; after so long they are cut off."""
        with self._lock:
            self._ending = True
            self._jobs.notify_all()
        until = time.monotonic() + seconds
        for lane in self._lanes:
            lane.thread.join(max(until - time.monotonic(), 0))
        late = [lane for lane in self._lanes if lane.thread.is_alive()]
        for lane in late:
            lane.connection.abort()
        for lane in late:
            lane.thread.join(1)

    # The lanes' side. All of it under the lock.

    def _man(self) -> None:
        """The next lane opens when the one before has: a server that is down is asked once."""
        idle = len(self._lanes) - self._at_work
        ready = all(lane.is_open for lane in self._lanes)
        if self._waiting and not idle and ready and len(self._lanes) < self._most and self.unreachable is None:
            self._lanes.append(_Lane(self, self._transport.connection()))
            self._lanes[-1].thread.start()

    def next_job(self) -> Job | None:
        """One whose domain has room; None when the lane may go."""
        with self._lock:
            while not self._ending and self.unreachable is None:
                job = self._pick()
                if job is not None:
                    return job
                self._jobs.wait()
            return None

    def _pick(self) -> Job | None:
        now = clock.now()
        if now >= self._good_until:
            return None
        for n, job in enumerate(self._waiting):
            if self._pace.has_room(job.domain, now):
                del self._waiting[n]
                self._pace.take(job.domain)
                self._at_work += 1
                self._man()
                return job
        return None

    def done(self, job: Job, outcome: NotNow | Refused | None) -> None:
        with self._lock:
            self._at_work -= 1
            self._pace.give(job.domain)
            if isinstance(outcome, NotNow) and outcome.rest:
                self._pace.rest(job.domain, clock.now() + outcome.rest)
            self._done.append((job, outcome))
            self._jobs.notify()
            if len(self._done) >= MUCH or not (self._at_work or self._waiting):
                self._news.notify()

    def has_opened(self, lane: _Lane) -> None:
        with self._lock:
            lane.is_open = True
            self._man()

    def lost(self, lane: _Lane, job: Job, error: Unreachable) -> None:
        """A lane without a connection ends. The others go on with its job, if any has one; if not, nobody can send."""
        with self._lock:
            self._at_work -= 1
            self._pace.give(job.domain)
            self._waiting.appendleft(job)
            self._lanes.remove(lane)
            self._most = len(self._lanes)
            if not self._lanes:
                self.unreachable = error
            self._jobs.notify_all()
            self._news.notify()


class _Lane:
    """A thread with its connection."""

    def __init__(self, crew: Crew, connection: Connection) -> None:
        self._crew, self.connection = crew, connection
        self.is_open = False
        self.thread = threading.Thread(target=self._work, name="mail-lane", daemon=True)

    def _work(self) -> None:
        try:
            while (job := self._crew.next_job()) is not None:
                try:
                    self.connection.open()
                except Unreachable as error:
                    self._crew.lost(self, job, error)
                    return
                if not self.is_open:
                    self._crew.has_opened(self)
                self._crew.done(job, self._outcome(job))
        finally:
            self.connection.close()

    def _outcome(self, job: Job) -> NotNow | Refused | None:
        try:
            self.connection.send(job.row, job.raw, job.before_end)
        except (NotNow, Refused) as error:
            return error
        except Exception as error:  # a fault of ours: the message waits, the lane goes on
            log.exception("message %s could not be sent", job.row.id)
            return NotNow(said(error))
        return None
