"""The job loop: what it does, that it goes on after a failure, and how it ends."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from app import worker
from app.accounts.models import KeptForm, SessionLevel, SignInSession, Throttle
from app.core.audit import AuditEvent, AuditLink
from app.core.config import ROOT
from app.mail.inbound.models import InboundMessage
from app.mail.models import DigestSlot, MailState, OutboxMessage
from app.web.idempotency import IdempotencyKey
from tests.mail.helpers import SLOT, mails, thread
from tests.mail.test_delivery import letter
from tests.world import World

_never = threading.Event()


def _wait_for(look: object, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not look():  # type: ignore[operator]
        assert time.monotonic() < until, "waited in vain"
        _never.wait(0.05)


def test_one_round_sends_mail_and_digests_and_seals_the_log(world: World) -> None:
    letter(world)
    thread(world, "A thing")
    world.now = SLOT + dt.timedelta(minutes=1)
    todo = worker.tasks(world.db, world.settings, threading.Event())
    names = [
        "jobs", "inbound", "notices", "mail", "attachments", "sealing", "membership", "saved searches", "reviewers", "digests", "evidence",
        "left files", "cases", "rosters", "lessons", "drills", "cleaning",
    ]  # fmt: skip
    assert [task.name for task in todo] == names
    for _ in range(2):
        for task in todo:
            task.act()
    assert len(mails(world, "chief", kind="account")) == 1
    assert len(mails(world, "colleague")) == 1
    assert world.count(AuditEvent, AuditEvent.verb == "digest.queue") == 1
    assert world.count(AuditLink) == world.count(AuditEvent)


def test_a_task_that_fails_is_logged_and_the_others_go_on(caplog) -> None:  # L13
    stop, ran = threading.Event(), []

    def fails() -> None:
        raise RuntimeError("the mail server is on fire")

    def works() -> None:
        ran.append(1)
        stop.set()

    worker.loop([worker.Task("mail", 1, fails), worker.Task("sealing", 1, works)], stop)
    assert ran == [1]
    assert "mail failed and is tried again" in caplog.text
    assert "on fire" in caplog.text


def test_a_task_waits_for_its_turn() -> None:
    stop, ran = threading.Event(), []
    rare = worker.Task("rare", 3600, lambda: ran.append("rare"))
    often = worker.Task("often", 0, lambda: (ran.append("often"), stop.set() if len(ran) > 2 else None))
    worker.loop([rare, often], stop)
    assert ran == ["rare", "often", "often"]


def test_what_is_kept_for_a_while_only_is_taken_away_then(world: World) -> None:
    def old_and_new(**age: float) -> list[dt.datetime]:
        return [world.now - dt.timedelta(**age) - dt.timedelta(minutes=1), world.now - dt.timedelta(**age) + dt.timedelta(minutes=1)]

    me = world.id("chief")
    with world.db.write() as session:
        for n, at in enumerate(old_and_new(hours=24)):
            session.add(IdempotencyKey(key=bytes([n]) * 32, account_id=me, body_hash=b"x" * 32, created_at=at))
            session.add(Throttle(key=bytes([n]) * 32, count=3, started_at=at))
        for at in old_and_new(days=30):
            session.add(KeptForm(account_id=me, path="/", fields=[], created_at=at))
        for n, at in enumerate(old_and_new(days=90)):
            session.add(
                SignInSession(
                    account_id=me, token_hash=bytes([n]) * 32, level=SessionLevel.FULL, created_at=at, last_seen_at=at, ended_at=at,
                    expires_at=world.now,
                )
            )  # fmt: skip
        for at in old_and_new(days=60):
            session.add(DigestSlot(member_id=me, slot_at=at, made_at=at))
        for n, at in enumerate(old_and_new(days=30)):
            for whose, state in ((me, "refused"), (None, "refused"), (None, "received")):
                session.add(_inbound(f"{n}{whose}{state}", whose, state, at))
    letter(world, "waits")
    worker.clean(world.db)
    for model in (IdempotencyKey, Throttle, KeptForm, SignInSession, DigestSlot, OutboxMessage):
        assert world.count(model) == 1, model
    assert world.count(InboundMessage) == 5  # nobody's, refused and old, is gone
    world.later(days=200)
    worker.clean(world.db)
    assert world.count(OutboxMessage) == 1  # what has not left is never taken away


def _inbound(name: str, whose: int | None, state: str, at: dt.datetime) -> InboundMessage:
    return InboundMessage(
        received_at=at, recipient="forum+x@localhost", print=name.encode().ljust(32), raw=b"", size=0, state=state, member_id=whose, cut=[],
        judged_at=None if state == "received" else at,
    )  # fmt: skip


def test_the_process_ends_when_told_to_and_holds_nothing(world: World) -> None:  # L12
    world.now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
    letter(world)
    settings = world.settings
    env = {k: v for k, v in os.environ.items() if not k.startswith("SQUADROOM_")} | {
        "SQUADROOM_DATABASE_URL": settings.database_url, "SQUADROOM_DATA_DIR": str(settings.data_dir),
        "SQUADROOM_SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-P", "-m", "app.cli", "worker"], env=env, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        _wait_for(lambda: process.poll() is not None or mails(world, kind="account"))
        _wait_for(lambda: world.count(OutboxMessage, OutboxMessage.state == MailState.SENT) > 0)  # its clock is today's: it may write more
        memory = _peak_memory(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        _, said = process.communicate()
    assert world.count(OutboxMessage, OutboxMessage.leased_until.is_not(None)) == 0
    assert memory is None or memory < 120, f"{memory} MB"
    assert b"Traceback" not in said


def _peak_memory(pid: int) -> float | None:
    """Megabytes, where the system tells."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return None
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024
