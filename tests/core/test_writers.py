"""SQLite's acts share a commit: each answered after it, each undone alone. test_loop.py holds PostgreSQL's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.access import system
from app.core.audit import AuditEvent, record
from tests.world import World

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def note(verb: str) -> Callable[[Session], str]:
    def act(session: Session) -> str:
        record(session, system("test"), verb)
        return verb

    return act


class Held:
    """An act that waits until it is let go, so that others queue up behind it."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, session: Session) -> str:
        self.begun.set()
        assert self.go.wait(10)
        return note("test.first")(session)


def verbs(world: World) -> set[str]:
    with world.db.read() as conn:
        return set(conn.execute(select(AuditEvent.verb)).scalars())


def test_acts_that_wait_each_get_their_own_answer(world: World) -> None:  # L1
    held = Held()
    first = world.platform.writers.submit(held)
    assert held.begun.wait(10)
    others: list[Future[str]] = [world.platform.writers.submit(note(f"test.{i}")) for i in range(5)]
    held.go.set()
    assert [f.result(10) for f in [first, *others]] == ["test.first", *[f"test.{i}" for i in range(5)]]
    assert world.count(AuditEvent) == 6


def test_an_act_that_fails_is_undone_alone(world: World) -> None:
    def fail(session: Session) -> None:
        note("test.undone")(session)
        raise ValueError("not this one")

    held = Held()
    before = world.platform.writers.submit(held)
    assert held.begun.wait(10)
    failing, after = world.platform.writers.submit(fail), world.platform.writers.submit(note("test.after"))
    held.go.set()
    assert (before.result(10), after.result(10)) == ("test.first", "test.after")
    with pytest.raises(ValueError, match="not this one"):
        failing.result(10)
    assert verbs(world) == {"test.first", "test.after"}


def test_an_act_that_nobody_waits_for_any_more_ends_no_other(world: World) -> None:
    held = Held()
    first = world.platform.writers.submit(held)
    assert held.begun.wait(10)
    cancelled, after = world.platform.writers.submit(note("test.cancelled")), world.platform.writers.submit(note("test.after"))
    assert cancelled.cancel()
    held.go.set()
    assert (first.result(10), after.result(10)) == ("test.first", "test.after")
    late = world.platform.writers.submit(note("test.late"))
    assert not first.cancel()
    assert (late.result(10), verbs(world)) == ("test.late", {"test.first", "test.after", "test.late"})


def test_nobody_is_told_that_it_is_done_when_the_commit_fails(world: World) -> None:  # L1
    # A row that only the commit itself refuses.
    def poison(session: Session) -> None:
        note("test.lost")(session)
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        session.connection().exec_driver_sql("INSERT INTO member_roles (member_id, role) VALUES (999999, 'admin')")

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        world.platform.writers.submit(poison).result(10)
    assert verbs(world) == set()
