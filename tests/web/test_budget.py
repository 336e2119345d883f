"""A page on SQLite that is too long for the event loop is made in a thread, and nobody sees the difference."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from app.core.audit import AuditEvent
from app.core.db import OverBudget
from app.forum.models import ReadMark, Thread
from app.web import limits
from tests.forum.steps import open_thread
from tests.world import World

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT sum(i) FROM n"


def test_a_statement_past_the_budget_is_stopped_and_the_next_is_not(world: World) -> None:
    with world.db.read() as conn, pytest.raises(OverBudget), world.db.budget():
        conn.exec_driver_sql(LONG).scalar_one()
    with world.db.read() as conn:
        assert conn.exec_driver_sql(LONG).scalar_one() == 500_000_500_000


def many_threads(world: World) -> None:
    """Enough for the reader's list to be more than a few thousand steps."""
    first = open_thread(world)
    with world.db.write() as session:
        row = session.execute(select(Thread.__table__).where(Thread.id == first)).mappings().one()
        session.execute(insert(Thread.__table__), [{**row, "id": first + n} for n in range(1, 3_000)])


def test_a_page_over_budget_is_the_same_page_from_a_thread(world: World) -> None:
    many_threads(world)
    places: list[str] = []

    def note(*_args: Any) -> None:
        places.append(threading.current_thread().name)

    event.listen(world.db.reader, "before_cursor_execute", note)
    world.db.budget_steps = 10_000
    page = world.browser("sheriff").get("/")  # counts what is new in every thread
    assert places[0] != places[-1]
    assert places[-1].startswith("read")
    places.clear()
    world.db.budget_steps = 10_000_000
    same = world.browser("chief").get("/")
    assert len(set(places)) == 1
    assert not places[0].startswith("read")
    assert page.text.count("row-title") == same.text.count("row-title") > 10


def test_wherever_the_first_try_stops_what_it_noted_is_done_once(world: World) -> None:  # R1
    thread = open_thread(world, slug="command-staff", marking="TLP:AMBER+STRICT")
    world.db.steps_a_call = 20  # before the loop's own connection is opened
    before = world.count(AuditEvent)
    for n, steps in enumerate(range(0, 1_200, 40), start=1):
        world.db.budget_steps = steps
        assert world.browser("sheriff").get(f"/threads/{thread}").status_code == 200
        assert world.count(AuditEvent) == before + n, steps
    assert world.count(ReadMark, ReadMark.thread_id == thread, ReadMark.member_id == world.id("sheriff")) == 1


def test_a_read_that_begins_again_is_one_call_of_its_token(world: World) -> None:
    thread = open_thread(world, "chief", title="Osprey on the tower")
    script = world.script("chief")
    limits._counts.clear()
    found = script.call("GET", "/search?q=osprey")  # its order is not known: it leaves the event loop
    assert [row["thread"] for row in found.json()["items"]] == [thread]
    assert [count for _, count in limits._counts.values()] == [1]
