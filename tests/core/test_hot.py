"""Statements that are handed to the driver: the same rows as the usual way, in the same types, and the same errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Row, bindparam, cast, literal, select
from sqlalchemy.dialects.postgresql import INTEGER
from sqlalchemy.exc import DBAPIError

from app.core.db import OverBudget
from app.core.hot import Hot
from app.forum.models import Thread
from app.forum.queries import forums, fresh, replies
from app.membership.models import Member, MemberStatus
from tests.forum.steps import open_thread
from tests.world import World

ME = {"me": 2}
STATEMENTS: dict[str, tuple[Hot, dict[str, Any]]] = {
    "thread": (replies._THREAD, {**ME, "thread_id": 1}),
    "keys": (replies._KEYS, {"thread_id": 1, "first": 0, "last": 20}),
    "forums": (forums._FORUMS, ME),
    "new": (fresh._NEW, {**ME, "my_agency": 1}),
    "waiting": (fresh._WAITING, ME),
    "moments, words and kinds": (
        Hot(
            select(Member.name, Member.status, Member.confirm_first, Thread.last_reply_at)
            .join(Thread, Thread.author_id == Member.id)
            .where(Member.status == MemberStatus.ACTIVE, Thread.created_at <= bindparam("by", type_=Thread.created_at.type))
            .order_by(Thread.id)
        ),
        {"by": dt.datetime(2100, 1, 1, 7, tzinfo=dt.timezone(dt.timedelta(hours=-8)))},
    ),
}  # fmt: skip


def _read(world: World, work: Callable[[Connection], Any]) -> Any:
    """As a request does: on PostgreSQL on the event loop."""
    if world.db.is_sqlite:
        with world.db.read() as conn:
            return work(conn)

    def on_loop() -> Any:
        current = world.db.on_loop.current()
        assert current is not None
        return work(current)

    async def turn() -> Any:
        return await world.db.on_loop.read(on_loop)

    return world._portal.call(turn)


def _plain(rows: list[Row[Any]]) -> list[Any]:
    return [(row._fields, tuple(row), tuple(map(type, row))) for row in rows]


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_rows_are_those_of_the_usual_way(world: World, name: str) -> None:
    open_thread(world, "chief")
    open_thread(world, "sheriff", kind="question")
    hot, values = STATEMENTS[name]

    def both(conn: Connection) -> tuple[Any, ...]:
        hot.all(conn, values)  # now its plan is known
        assert conn.dialect.driver in hot._plans
        return _plain(list(conn.execute(hot.statement, values))), _plain(hot.all(conn, values)), hot.first(conn, values)

    usual, handed, first = _read(world, both)
    assert usual == handed
    assert usual
    assert tuple(first) == usual[0][1]


def test_who_listens_hears_of_it(world: World) -> None:
    thread = open_thread(world, "chief")
    browser = world.browser("sheriff")
    browser.get(f"/threads/{thread}")
    with world.count_queries() as queries:
        browser.get(f"/threads/{thread}")
    assert any("FROM threads" in statement for statement in queries.statements)


def test_what_fails_fails_as_usual(world: World) -> None:
    if world.db.is_sqlite:
        numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < bindparam("to")))
        hot, good, bad, error = Hot(select(numbers.c.n)), {"to": 3}, {"to": 50_000_000}, OverBudget
    else:
        hot, good, bad, error = Hot(select(literal(6) / cast(bindparam("by"), INTEGER))), {"by": 3}, {"by": 0}, DBAPIError
    assert _read(world, lambda conn: len(hot.all(conn, good)) and len(hot.all(conn, good))) > 0

    def fails(conn: Connection) -> None:
        with pytest.raises(error), world.db.budget():
            hot.all(conn, bad)

    _read(world, fails)
    assert _read(world, lambda conn: hot.all(conn, good))
