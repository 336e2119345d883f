"""PostgreSQL from the event loop: work that waits gives way, each act is its own, and a connection that broke while idle costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from anyio.lowlevel import checkpoint
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.core.access import system
from app.core.audit import AuditEvent, record
from app.core.loop import CommitLost
from tests.world import World

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


# Ends the connection at the end of a transaction: within its COMMIT.
_GONE = """
CREATE FUNCTION pg_temp.gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM count(*) FROM generate_series(1, 100000000); RETURN NULL; END $$
"""
_LATE = """
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON last_act DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION pg_temp.gone()
"""


def note(verb: str) -> Callable[[Session], str]:
    def act(session: Session) -> str:
        record(session, system("test"), verb)
        return verb

    return act


def run(world: World, work: Callable[[], Awaitable[Any]]) -> Any:
    return world._portal.call(work)


def break_connections(world: World) -> None:
    """What a restart of the database does to everyone who is connected."""
    with world.db.writer.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
        )


def answer(world: World) -> Any:
    with world.db.read() as conn:
        return conn.execute(text("SELECT 42")).scalar_one()


def test_reads_that_wait_run_beside_each_other(world: World) -> None:
    """Each waits until the other has come as well: one after the other they would never end."""
    met: list[int] = []

    def work() -> int:
        with world.db.read() as conn:
            met.append(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())
            while len(met) < 2:
                conn.execute(text("SELECT 1"))
            return met[0]

    async def two() -> list[int]:
        reads = (world.db.on_loop.read(work) for _ in range(2))
        return await asyncio.wait_for(asyncio.gather(*reads), 20)

    run(world, two)
    assert len(set(met)) == 2


def test_an_act_that_fails_is_undone_alone(world: World) -> None:  # L1
    def fail(session: Session) -> None:
        note("test.undone")(session)
        raise ValueError("not this one")

    async def three() -> list[Any]:
        writers = world.platform.writers
        acts = (writers.carry_out(note("test.before")), writers.carry_out(fail), writers.carry_out(note("test.after")))
        return await asyncio.gather(*acts, return_exceptions=True)

    first, failed, last = run(world, three)
    assert (first, last) == ("test.before", "test.after")
    assert isinstance(failed, ValueError)
    assert world.count(AuditEvent) == 2


def test_nobody_is_told_that_it_is_done_when_the_commit_fails(world: World) -> None:  # L1
    def poison(session: Session) -> None:
        note("test.lost")(session)
        conn = session.connection()
        conn.execute(text("CREATE TEMPORARY TABLE places (id int PRIMARY KEY)"))
        conn.execute(text("CREATE TEMPORARY TABLE people (place int REFERENCES places DEFERRABLE INITIALLY DEFERRED)"))
        conn.execute(text("INSERT INTO people VALUES (1)"))

    with pytest.raises(IntegrityError, match="people_place_fkey"):
        run(world, lambda: world.platform.writers.carry_out(poison))
    assert world.count(AuditEvent) == 0


def test_connections_that_broke_while_idle_fail_nobody(world: World) -> None:
    member = world.browser("chief")
    assert member.get("/").status_code == 200
    assert run(world, lambda: world.platform.writers.carry_out(note("test.warm"))) == "test.warm"
    break_connections(world)
    assert run(world, lambda: world.platform.writers.carry_out(note("test.again"))) == "test.again"
    assert member.get("/").status_code == 200


def test_a_read_that_tells_of_its_broken_connection_as_something_else_spoils_no_other(world: World) -> None:
    def end_itself() -> None:
        with world.db.read() as conn:
            try:
                conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            except DBAPIError:
                raise ValueError("not as it was") from None

    with pytest.raises(ValueError, match="not as it was"):
        run(world, lambda: world.db.on_loop.read(end_itself))
    assert run(world, lambda: world.db.on_loop.read(lambda: answer(world))) == 42


def test_what_breaks_again_is_told(world: World) -> None:
    """Tried twice and no more: a statement that kills its connection would do so for ever."""
    tries: list[int] = []

    def end_itself(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError):
        run(world, lambda: world.platform.writers.carry_out(end_itself))
    assert len(tries) == 2


def test_a_commit_that_may_have_happened_is_not_tried_again(world: World) -> None:  # L1
    tries: list[int] = []

    def lose(session: Session) -> None:
        tries.append(1)
        conn = session.connection()
        conn.execute(text(_GONE))
        conn.execute(text("CREATE TEMPORARY TABLE last_act (id int)"))
        conn.execute(text(_LATE))
        conn.execute(text("INSERT INTO last_act VALUES (1)"))

    with pytest.raises(CommitLost):
        run(world, lambda: world.platform.writers.carry_out(lose))
    assert len(tries) == 1


FOREVER = "SELECT count(*) FROM generate_series(1, 1000000000000)"


def is_asking(world: World) -> bool:
    with world.db.read() as conn:
        busy = "SELECT count(*) FROM pg_stat_activity WHERE query = :query AND state = 'active'"
        return conn.execute(text(busy), {"query": FOREVER}).scalar_one() == 1


def test_work_that_is_cancelled_leaves_no_connection_in_the_middle(world: World) -> None:
    def endless() -> None:
        with world.db.read() as conn:
            conn.exec_driver_sql(FOREVER)

    async def cancel() -> Any:
        task = asyncio.ensure_future(world.db.on_loop.read(endless))
        while not await world.db.on_loop.read(lambda: is_asking(world)):
            await checkpoint()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await asyncio.wait_for(world.db.on_loop.read(lambda: answer(world)), 20)

    assert run(world, cancel) == 42
