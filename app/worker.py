"""The job loop: mail, digests, who is asked to confirm their membership, sealing of the log, cleaning up. Any number of workers
may run at once: whatever they take they take by lease or under a lock, and whatever they do may be done twice without harm."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from sqlalchemy import delete

from app.accounts.addresses.models import AddressRequest
from app.accounts.disavow.models import Disavowal
from app.accounts.models import KeptForm, SignInSession, Throttle
from app.accounts.passkeys.models import PasskeyChallenge
from app.accounts.recover.models import Recovery
from app.association import drills
from app.attachments import checking, collecting
from app.core import audit_chain, clock, jobs
from app.core.config import Settings
from app.core.db import Database, open_database
from app.core.signing import Signer
from app.forum import lessons
from app.mail.delivery import Delivery
from app.mail.digest.run import queue_digests
from app.mail.inbound.accept import go_on
from app.mail.inbound.access import nobodys
from app.mail.inbound.models import ReplyToken
from app.mail.models import DigestSlot, MailedAtOnce, MailState, OutboxMessage
from app.mail.notices import bundles, operations
from app.mail.outbox import wait_for_others
from app.membership.applications import reminders
from app.membership.evidence import retention
from app.membership.forgetting import operations as forgetting
from app.membership.roster import jobs as rosters
from app.membership.staying import daily
from app.search.saved import matching
from app.web.idempotency import KEPT, IdempotencyKey

log = logging.getLogger(__name__)
TICK = 1.0  # seconds between looks
# Each has a thread of its own: a mail server, a scanner or a large picture may take its time, and nothing else waits for it.
MAIL, FILES = "mail", "attachments"
# A digest's messages are read a moment after its slot, so that those which were being written at the slot are in, and none that can
# still be taken back.
GRACE = dt.timedelta(seconds=15)
KEPT_FORMS, ENDED_SESSIONS, SLOTS, CLOSED_MAIL, TRIES, RECOVERIES = (dt.timedelta(days=days) for days in (30, 90, 60, 90, 1, 7))
NOTICES, KEPT_TOKENS = dt.timedelta(days=90), dt.timedelta(days=60)  # an answer that comes late is told so, not lost
NOBODYS = dt.timedelta(
    days=30
)  # mail to a forum's address of which no member is known to have sent it: anybody may send as much as they like


@dataclass(slots=True)
class Task:
    """Something that is looked at every so many seconds. A failure is logged and tried again at the next look."""

    name: str
    every: float
    act: Callable[[], object]
    due: float = 0.0


def run(settings: Settings, stop: Event) -> None:
    """Work until `stop` is set; then the piece in hand is finished and the rest given back (L12)."""
    from app.mail.inbound import lmtp  # late: only a worker listens
    from app.wiring import wire  # late: it imports every package, and this module is below none of them

    wire(settings)
    db = open_database(settings, pool_size=2)
    todo = tasks(db, settings, stop)
    alone = [Thread(target=loop, args=([task for task in todo if task.name == name], stop), name=name) for name in (MAIL, FILES)]
    try:
        for thread in alone:
            thread.start()
        with lmtp.listening(db, settings):
            loop([task for task in todo if task.name not in (MAIL, FILES)], stop)
    finally:
        stop.set()
        for thread in alone:
            thread.join()
        db.close()


def loop(todo: list[Task], stop: Event) -> None:
    while not stop.is_set():
        for task in todo:
            if not stop.is_set() and time.monotonic() >= task.due:
                task.due = time.monotonic() + task.every
                _attempt(task)
        stop.wait(TICK)


def _attempt(task: Task) -> None:
    try:
        task.act()
    except Exception:
        log.exception("%s failed and is tried again", task.name)


def tasks(db: Database, settings: Settings, stop: Event) -> list[Task]:
    """Jobs and mail first: people wait for those. A digest may be some seconds late."""
    signer = Signer(settings.keys)
    delivery = Delivery(db, settings)
    return [
        Task("jobs", TICK, lambda: jobs.run_due(db)),
        Task("inbound", 60, lambda: go_on(db, settings)),
        Task("notices", TICK, lambda: bundles.run(db, settings)),
        Task(MAIL, TICK, lambda: delivery.run(stop)),
        Task(FILES, TICK, lambda: checking.run(db, settings, stop)),
        Task("sealing", TICK, lambda: audit_chain.seal(db, signer, settings)),
        Task("membership", 600, lambda: daily.run(db, settings, stop)),
        Task("saved searches", 10, lambda: matching.run(db, settings)),
        Task("reviewers", 600, lambda: reminders.run(db, settings)),
        Task("digests", 20, lambda: queue_digests(db, settings, clock.now() - GRACE, stop=stop)),
        Task("evidence", 900, lambda: retention.run(db, settings)),
        Task("left files", 3600, lambda: collecting.run(db, settings)),
        Task("cases", 3600, lambda: forgetting.run(db, settings)),
        Task("rosters", 3600, lambda: rosters.run(db)),
        Task("lessons", 3600, lambda: lessons.run(db)),
        Task("drills", 3600, lambda: drills.remind(db)),
        Task("cleaning", 3600, lambda: clean(db)),
    ]


def run_once(db: Database, settings: Settings, at: dt.datetime) -> None:
    """All that is due at `at`, done before this returns; what fails is raised. Twice, because work makes mail."""
    with clock.at(clock.running_from(at)):
        todo = tasks(db, settings, Event())
        for task in (*todo, *todo):
            task.act()
        wait_for_others(db)


def clean(db: Database) -> None:
    """Take away what is kept for a while only. One transaction a table, so that writers don't wait long."""
    now = clock.now()
    old = [
        delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT),
        delete(Throttle).where(Throttle.started_at < now - TRIES, Throttle.locked_until.is_(None) | (Throttle.locked_until < now)),
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now),
        delete(KeptForm).where(KeptForm.created_at < now - KEPT_FORMS),
        delete(SignInSession).where((SignInSession.ended_at < now - ENDED_SESSIONS) | (SignInSession.expires_at < now - ENDED_SESSIONS)),
        delete(Recovery).where(Recovery.expires_at < now - RECOVERIES),
        delete(Disavowal).where(Disavowal.expires_at < now - RECOVERIES),
        delete(AddressRequest).where(AddressRequest.expires_at < now),
        delete(DigestSlot).where(DigestSlot.slot_at < now - SLOTS),
        delete(MailedAtOnce).where(MailedAtOnce.at < now - SLOTS),
        delete(ReplyToken).where(ReplyToken.expires_at < now - KEPT_TOKENS),
        nobodys(now - NOBODYS),
        delete(OutboxMessage).where(OutboxMessage.state != MailState.QUEUED, OutboxMessage.created_at < now - CLOSED_MAIL),
    ]
    for statement in old:
        with db.write() as session:
            session.execute(statement.execution_options(synchronize_session=False))
    with db.write() as session:
        operations.forget(session, now - NOTICES)
