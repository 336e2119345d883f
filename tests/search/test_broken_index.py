"""The search's index can't be written: what members write stands all the same, and is found once it can be again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, event

from app.core import jobs
from app.core.jobs import Job
from app.forum.models import Reply
from app.worker import run_once
from tests.forum.steps import hide, open_thread, reply
from tests.search.test_searching import threads
from tests.world import World

BREAK = {
    "sqlite": ("ALTER TABLE search_index RENAME TO search_index_away", "ALTER TABLE search_index_away RENAME TO search_index"),
    "postgres": ("ALTER TABLE search_docs ADD CONSTRAINT broken CHECK (false) NOT VALID", "ALTER TABLE search_docs DROP CONSTRAINT broken"),
}


@contextmanager
def broken(world: World, engine: str) -> Iterator[None]:
    for_now, mended = BREAK[engine]
    with world.db.writer.begin() as conn:
        conn.exec_driver_sql(for_now)
    yield
    with world.db.writer.begin() as conn:
        conn.exec_driver_sql(mended)


def work(world: World, **later: float) -> None:
    world.later(**later)
    run_once(world.db, world.settings, world.now)


def test_what_is_written_while_the_index_is_broken_stands_and_is_found_later(
    world: World, engine: str, caplog: pytest.LogCaptureFixture
) -> None:  # L13
    standing = open_thread(world, "chief", title="Standing", body="Avocet words.")
    gone = reply(world, "sheriff", standing, "Bittern words.")
    edited = {"body": "Curlew words.", "version": 1}
    with broken(world, engine):
        thread = open_thread(world, "chief", title="While it was broken", body="Dunlin words.")
        at = reply(world, "sheriff", thread, "Egret words, and secret-canary ones.")
        assert world.script("chief").call("PATCH", f"/threads/{standing}/replies/0", edited).status_code == 200
        hide(world, standing, gone)
        assert "Egret words" in world.browser("colleague").get(f"/threads/{thread}").text
        work(world, seconds=40)  # still broken: tried again later
        assert world.count(Job, Job.kind == "search.again") == 3 + (engine == "sqlite")  # on PostgreSQL hiding only takes away
        assert (world.count(Reply), at) == (4, 1)
    failures = [record.getMessage() for record in caplog.records if "search index was not written" in record.getMessage()]
    assert len(failures) == 3 + (engine == "sqlite")
    assert "canary" not in caplog.text  # the log holds nobody's words
    assert threads(world, "colleague", "egret") == set()  # kept for a moment, by the forum's version
    work(world, minutes=5)
    assert world.count(Job, Job.kind == "search.again") == 0
    for word, where in (("dunlin", {thread}), ("egret", {thread}), ("curlew", {standing}), ("avocet", set()), ("bittern", set())):
        assert threads(world, "colleague", word) == where, word


def test_what_is_known_of_a_long_thread_is_found_as_soon_as_it_is_written(world: World, engine: str) -> None:
    thread = open_thread(world, "chief", title="Standing", body="Avocet words.")
    with broken(world, engine):
        reply(world, "sheriff", thread, "Bittern words.")
    assert threads(world, "colleague", "bittern") == set()
    with world.db.write() as session:
        session.execute(delete(Job).where(Job.kind == "search.again"))
        jobs.enqueue(session, "search.thread", {"thread": thread})
    work(world)
    assert threads(world, "colleague", "bittern") == {thread}  # within the minute for which figures are kept


def test_a_reply_asks_the_database_for_no_savepoint(world: World) -> None:  # L13
    """On PostgreSQL each would be a way there and back."""
    thread = open_thread(world, "chief")
    said: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    for each in world.db.engines:
        event.listen(each, "before_cursor_execute", note)
    reply(world, "sheriff", thread, "Words.")
    for each in world.db.engines:
        event.remove(each, "before_cursor_execute", note)
    assert [statement for statement in said if "search_doc" in statement]
    assert [statement for statement in said if "SAVEPOINT" in statement.upper()] == []
