"""What is logged, when it is sealed, and that nothing is done which can't be logged. Both engines."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.access import system
from app.core.audit import AuditCheckpoint, AuditEvent, AuditLink
from app.core.audit_chain import AuditHead, unsealed
from app.core.audit_chain.seal import BATCH, LOOK_BACK
from app.core.jobs import Job
from tests.core.chain import do_seal, problems, write
from tests.world import World


def test_a_row_committed_late_is_sealed_too(world: World) -> None:  # R3
    """PostgreSQL gives out ids before the commit, so a row may appear below ones that are sealed already."""
    write(world, 3)
    with world.db.write() as session:
        session.execute(sa.insert(AuditEvent).values(id=50, at=world.now, verb="thing.early", outcome="done", actor_name="x"))
    assert do_seal(world) == 4
    with world.db.write() as session:
        session.execute(sa.insert(AuditEvent).values(id=49, at=world.now, verb="thing.late", outcome="done", actor_name="x"))
    assert do_seal(world) == 1
    assert world.one(sa.select(AuditLink.seq).where(AuditLink.event_id == 49)) == (5,)
    assert problems(world) == []


def test_a_row_far_behind_waits_for_the_next_checkpoint_at_most(world: World) -> None:  # R3
    far = LOOK_BACK + 100
    with world.db.write() as session:
        session.execute(sa.insert(AuditEvent).values(id=far, at=world.now, verb="thing.early", outcome="done", actor_name="x"))
    assert do_seal(world) == 1
    with world.db.write() as session:
        session.execute(sa.insert(AuditEvent).values(id=2, at=world.now, verb="thing.late", outcome="done", actor_name="x"))
    assert do_seal(world) == 0
    assert unsealed(world.db) == 1
    world.later(minutes=10)
    assert do_seal(world) == 1
    assert problems(world) == []


def test_workers_at_once_do_not_fork_the_chain(world: World) -> None:  # L6
    write(world, 2 * BATCH + 10)
    gate, sealed, failed = threading.Barrier(6), [], []

    def work() -> None:
        gate.wait()
        try:
            sealed.append(do_seal(world))
        except Exception as error:
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert sum(sealed) == 2 * BATCH + 10
    assert (world.count(AuditLink), problems(world)) == (2 * BATCH + 10, [])


def test_there_is_a_checkpoint_for_each_busy_span_of_time(log: World) -> None:  # R3
    assert log.count(AuditCheckpoint) == 1
    write(log)
    do_seal(log)
    assert log.count(AuditCheckpoint) == 1  # the last one is young
    log.later(minutes=10)
    do_seal(log)
    assert log.one(sa.select(sa.func.max(AuditCheckpoint.seq))) == (13,)
    log.later(days=2)
    do_seal(log)
    assert log.count(AuditCheckpoint) == 2  # nothing was written since: there is nothing more to state
    assert log.count(AuditHead) == 1


def test_what_can_not_be_logged_is_not_done(world: World) -> None:  # R4
    with world.db.write() as session:
        session.execute(sa.text("ALTER TABLE audit_events RENAME TO audit_gone"))
    before = world.count(Job)

    def act() -> None:
        with world.db.write() as session:
            session.add(Job(kind="test", payload={}, run_at=world.now))
            session.flush()
            audit.record(session, system("test"), "thing.done")

    with pytest.raises(sa.exc.DBAPIError):
        act()
    assert world.count(Job) == before
    with world.db.write() as session:
        session.execute(sa.text("ALTER TABLE audit_gone RENAME TO audit_events"))
    act()
    assert world.count(Job) == before + 1


def test_a_row_says_what_when_where_who_and_with_what_outcome(log: World) -> None:  # R2
    with log.db.read() as conn:
        row = conn.execute(sa.select(*AuditEvent.__table__.c).where(AuditEvent.id == 2)).one()
    assert row._asdict() == {
        "id": 2, "at": log.now, "verb": "thing.done", "outcome": "done", "actor_id": None, "actor_name": "system:test",
        "subject_kind": "thing", "subject_id": 1, "address": "192.0.2.7", "session_id": 5, "request_id": "request-1",
        "detail": '{"after": "b 1", "before": "a"}',
    }  # fmt: skip
    assert row.at.utcoffset() == dt.timedelta(0)


def test_lines_and_controls_in_a_name_do_not_leave_their_row(log: World) -> None:  # R2
    with log.db.write() as session:
        audit.record(session, system("a\r\nb"), "thing.done", name="line\nbreak\x00")
    assert do_seal(log) == 1
    assert log.one(sa.select(AuditEvent.detail).where(AuditEvent.id == 13)) == ('{"name": "line\\nbreak\\u0000"}',)
    assert problems(log) == []
