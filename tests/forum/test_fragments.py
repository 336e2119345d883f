"""What is kept in memory is never out of date, and never another database's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.forum import fragments
from app.forum.forms import EditReply
from app.forum.models import Forum, Thread
from app.forum.operations import writing
from app.forum.own import thanking
from app.forum.queries import replies
from app.forum.withdrawing import operations as withdrawing
from app.membership.models import Member
from tests.databases import SqliteTemplate
from tests.forum.steps import hide, open_thread, reply, titles
from tests.world import World


def test_every_change_shows_at_once_to_someone_who_looked_before(world: World) -> None:
    thread = open_thread(world, title="First title", body="First words.")
    reply(world, "sheriff", thread, "Words of the sheriff.")
    reader, path = world.browser("analyst"), f"/threads/{thread}"
    assert all(words in reader.get(path).text for words in ("First words.", "Words of the sheriff.", "Ellen Marchetti"))
    change = {"body": "Second words.", "version": 1, "title": "Second title"}
    world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", change)
    page = reader.get(path).text
    assert ("First words." in page, "Second words." in page, "Second title" in page) == (False, True, True)
    assert titles(reader.get("/forums/patrol").text) == ["Second title"]
    world.browser("chief").post("/settings/profile", {"name": "Ellen Marchetti-Cole", "rank": "Chief"}, page="/settings/profile")
    page = reader.get(path).text
    assert ("Ellen Marchetti-Cole" in page, "Ellen Marchetti<" in page) == (True, False)
    assert "Ellen Marchetti-Cole" in reader.get("/forums/patrol").text
    hide(world, thread, 1)
    assert "Words of the sheriff." not in reader.get(path).text
    world.browser("moderator").post(f"{path}/replies/1/show", page=path)
    assert "Words of the sheriff." in reader.get(path).text
    world.browser("moderator").post(f"{path}/lock", {"reason": "Settled."}, page=f"{path}/lock")
    assert "Locked by" in reader.get(path).text
    assert "Locked: " in reader.get("/forums/patrol").text


def test_a_thread_that_turns_red_is_gone_at_once_from_pages_and_counts(world: World) -> None:
    thread = open_thread(world, title="canary-title", marking="TLP:AMBER", kind="question")
    reader, script = world.browser("colleague"), world.script("colleague")
    for path in ("/", "/forums/patrol", f"/threads/{thread}"):
        assert "canary-title" in reader.get(path).text
    world.script("colleague").call("PUT", f"/threads/{thread}/read", {"position": 0})
    reply(world, "sheriff", thread, "More.")
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == 1
    red = [("marking", "TLP:RED"), ("readers", str(world.id("sheriff")))]
    assert world.browser("chief").post(f"/threads/{thread}/marking", red, page="/").status_code == 303
    for path in ("/", "/forums/patrol", "/forums/patrol?tab=questions", f"/threads/{thread}"):
        assert "canary-title" not in reader.get(path).text
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == 0
    assert "All <span>0</span>" in reader.get("/forums/patrol").text


def test_what_one_reader_may_do_is_in_no_other_readers_page(world: World) -> None:
    thread = open_thread(world)
    path = f"/threads/{thread}"
    seen = {key: world.browser(key).get(path).text for key in ("chief", "moderator", "sheriff")}
    assert [f"{path}/replies/0/edit" in seen[key] for key in seen] == [True, False, False]
    assert [f"{path}/replies/0/hide" in seen[key] for key in seen] == [False, True, False]


def test_two_databases_in_one_process_do_not_mix(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("other")
    template = SqliteTemplate(folder)
    other = World(template.fresh(), template.ids, folder)
    try:
        for here, word in ((world, "canary-here"), (other, "canary-there")):
            thread = open_thread(here, title=f"{word} title", body=f"{word} body")
            reply(here, "sheriff", thread, f"{word} reply")
            with here.db.write() as session:
                session.execute(update(Member).where(Member.id == here.id("chief")).values(name=f"{word} name", version=2))
                session.execute(update(Forum).values(version=7))
                session.execute(update(Thread).values(version=7))
            other.now = world.now
        reply(other, "analyst", 1, "canary-there again")
        for here, mine, foreign, count in ((world, "canary-here", "canary-there", 2), (other, "canary-there", "canary-here", 3)):
            reader = here.browser("colleague")
            assert here.script("colleague").call("GET", "/forums").json()["items"][0]["unread"] == count
            for path in ("/", "/forums", "/forums/patrol", "/threads/1"):
                page = reader.get(path).text
                assert foreign not in page, path
                assert mine in page or path == "/forums"
    finally:
        other.close()


@contextmanager
def between_the_reads(world: World, act: Callable[[Session], Any]) -> Iterator[None]:
    """Somebody else acts after a page read which messages it has, and before it reads what they say."""
    waiting = [act]

    def carry_out() -> None:
        with world.db.write() as session:
            waiting.pop()(session)

    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if waiting and "replies.html" in statement and "replies.id IN" in statement:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(carry_out).result()

    for engine in world.db.engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield
        assert not waiting
    finally:
        for engine in world.db.engines:
            event.remove(engine, "before_cursor_execute", before)


def test_a_message_taken_back_while_a_page_is_made_is_not_on_it(world: World) -> None:  # X8
    thread = open_thread(world, "colleague")
    reply(world, "chief", thread, "Said too soon.")
    reply(world, "analyst", thread, "Stands.")
    reader, chief = world.browser("sheriff"), world.actor("chief")
    with between_the_reads(world, lambda session: withdrawing.withdraw_reply(session, chief, thread, 1)):
        page = reader.get(f"/threads/{thread}")
    assert (page.status_code, "Said too soon." in page.text, "Stands." in page.text) == (200, False, True)


def test_what_changed_while_a_page_was_made_is_kept_for_nobody_who_comes_before_it(world: World) -> None:
    thread = open_thread(world, "chief")
    reader, analyst = world.browser("sheriff"), world.actor("analyst")
    with between_the_reads(world, lambda session: thanking.thank(session, analyst, thread, 0)):
        assert "Helped 1 member" in reader.get(f"/threads/{thread}").text
    with world.db.write() as session:
        thanking.take_back(session, analyst, thread, 0)
    assert "Helped 1 member" not in reader.get(f"/threads/{thread}").text


def test_what_an_act_read_before_it_was_undone_is_kept_for_nobody(world: World) -> None:
    """A preview shows the whole thread in an act, which SQLite may carry out together with others."""
    thread, chief, reader = open_thread(world, "chief", body="First words."), world.actor("chief"), world.browser("sheriff")

    def edit_and_look() -> None:
        with world.db.write() as session:
            writing.edit(session, chief, writing.Posted(thread, 0), EditReply(body="Undone words.", version=1))
            session.flush()
            conn = session.connection()
            row, keys = replies.thread_for(conn, chief, thread), replies.keys(conn, thread, 0, 19)
            zone_name = world.platform.site.get(conn).time_zone
            seen = fragments.of_page(conn, world.platform.renderer, keys, fragments.Place(row, zone_name))
            assert "Undone words." in seen[keys[0].id][0]
            raise LookupError

    with pytest.raises(LookupError):
        edit_and_look()
    assert "First words." in reader.get(f"/threads/{thread}").text
    edited = {"body": "Second words.", "version": 1}
    assert world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", edited).status_code == 200
    page = reader.get(f"/threads/{thread}").text
    assert ("Undone words." in page, "Second words." in page) == (False, True)
