"""What a reader keeps for themselves: thanks, bookmarks, drafts. Nobody else meets them."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from string import ascii_lowercase

from sqlalchemy import delete, select

from app.core import jobs
from app.forum.models import Grant, Reply
from app.forum.own.models import Bookmark, Draft, Thanks
from tests.forum.steps import hide, open_thread, reply
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import World

WORDS = "one two three four five six seven eight nine ten"


def thank(world: World, who: str, thread: int, position: int = 0, method: str = "PUT") -> int:
    return world.script(who).call(method, f"/threads/{thread}/replies/{position}/thanks").status_code


def thanks_of(world: World, thread: int) -> int:
    return int(world.script("colleague").call("GET", f"/threads/{thread}/replies?limit=1").json()["items"][0]["thanks"])


# Thanks ---------------------------------------------------------------------------------------------------------------------


def test_thanks_count_once_and_can_be_taken_back(world: World) -> None:
    thread = open_thread(world, "chief")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: thank(world, "sheriff", thread), range(8))) == {200}
    assert (thanks_of(world, thread), world.count(Thanks)) == (1, 1)
    assert thank(world, "analyst", thread) == 200
    assert thanks_of(world, thread) == 2
    assert [thank(world, "sheriff", thread, method="DELETE") for _ in range(2)] == [200, 200]
    assert thanks_of(world, thread) == 1
    assert [thank(world, who, thread) for who in ("chief", "vendor")] == [403, 404]
    assert thank(world, "sheriff", thread, 7) == 404
    hide(world, thread, 0)
    assert thank(world, "sheriff", thread) == 409


def test_an_edit_is_not_stale_because_somebody_gave_thanks(world: World) -> None:
    thread = open_thread(world, "chief")
    thank(world, "sheriff", thread)
    edited = world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", {"body": "Other words.", "version": 1})
    assert edited.status_code == 200
    assert world.one(select(Reply.thanks)).thanks == 1


def test_the_button_says_what_this_reader_said_and_the_author_sees_who(world: World) -> None:
    thread = open_thread(world, "chief")
    sheriff, chief = world.browser("sheriff"), world.browser("chief")
    page = f"/threads/{thread}"
    assert "This helped" in sheriff.get(page).text
    assert "This helped" not in chief.get(page).text
    assert sheriff.post(f"{page}/replies/0/thanks", page=page).status_code == 303
    assert "You said this helped" in sheriff.get(page).text
    colleague = world.browser("colleague").get(page).text
    assert ("Helped 1 member" in colleague, "This helped" in colleague) == (True, True)
    assert f"{page}/replies/0/thanks" in chief.get(page).text
    assert CAST["sheriff"].name in chief.get(f"{page}/replies/0/thanks").text
    assert [world.browser(who).get(f"{page}/replies/0/thanks").status_code for who in ("sheriff", "vendor")] == [403, 404]
    assert sheriff.post(f"{page}/replies/0/thanks/remove", page=page).status_code == 303
    assert "You said" not in sheriff.get(page).text


# Bookmarks ------------------------------------------------------------------------------------------------------------------


def test_a_bookmark_is_ones_own_and_reminds_on_its_day(world: World) -> None:
    thread = open_thread(world, "chief", title="Osprey drill")
    browser, page = world.browser("sheriff"), f"/threads/{thread}"
    assert browser.post(f"{page}/bookmark", {"remind_on": "2026-11-27"}, page=page).status_code == 303
    assert "Osprey drill" in browser.get("/bookmarks").text
    assert "Osprey drill" not in world.browser("colleague").get("/bookmarks").text
    world.later(days=3)
    jobs.run_due(world.db)
    assert letters(world, CAST["sheriff"].email) == []
    world.later(days=1, hours=1)
    jobs.run_due(world.db)
    [letter] = letters(world, CAST["sheriff"].email)
    assert page in text_of(letter)
    assert "Osprey" not in letter.as_string()
    script = world.script("sheriff")
    late = (world.now + dt.timedelta(days=900)).isoformat()
    for wrong in (late, "2026-11-01T08:00:00Z", "soon"):
        assert script.call("PUT", f"{page}/bookmark", {"remind_at": wrong}).status_code == 422, wrong
    assert script.call("PUT", f"{page}/bookmark", {}).status_code == 200
    assert world.script("vendor").call("PUT", f"{page}/bookmark", {}).status_code == 404
    assert world.browser("sheriff").post(f"{page}/bookmark/remove", page="/bookmarks").status_code == 303
    assert world.count(Bookmark) == 0


def test_nobody_is_reminded_of_what_was_closed_to_them(world: World) -> None:
    thread = open_thread(world, "chief", title="Osprey drill")
    script = world.script("sheriff")
    script.call("PUT", f"/threads/{thread}/bookmark", {"remind_at": (world.now + dt.timedelta(days=2)).isoformat()})
    with world.db.write() as session:
        session.execute(delete(Grant))
    world.later(days=3)
    jobs.run_due(world.db)
    assert letters(world, CAST["sheriff"].email) == []
    assert "Osprey drill" not in world.browser("sheriff").get("/bookmarks").text
    assert script.call("DELETE", f"/threads/{thread}/bookmark").status_code == 200


# Drafts ---------------------------------------------------------------------------------------------------------------------


def test_a_draft_comes_back_on_another_device_and_goes_when_it_is_sent(world: World) -> None:
    thread = open_thread(world, "chief", title="Osprey drill")
    one, other = world.browser("sheriff"), world.browser("sheriff")
    page = f"/threads/{thread}"
    assert one.post(f"/drafts/thread-{thread}", {"body": WORDS}, page=page).status_code == 200
    assert WORDS in other.get(page).text
    assert WORDS in other.get("/drafts").text
    assert WORDS not in world.browser("colleague").get(page).text
    assert WORDS not in world.browser("colleague").get("/drafts").text
    quoted = other.get(f"{page}?quote=0").text
    assert WORDS in quoted
    assert "wrote in [#0]" in quoted
    assert other.post(f"{page}/replies", {"body": WORDS}, page=page).status_code == 303
    assert world.count(Draft) == 0
    assert one.post("/drafts/forum-patrol", {"title": "Half a title", "body": WORDS}, page="/forums/patrol/new").status_code == 200
    again = other.get("/forums/patrol/new").text
    assert ('value="Half a title"' in again, WORDS in again) == (True, True)
    assert (
        other.post("/forums/patrol/new", {"kind": "discussion", "title": "Whole", "body": WORDS}, page="/forums/patrol/new").status_code
        == 303
    )
    assert world.count(Draft) == 0


def test_drafts_for_scripts(world: World) -> None:
    thread = open_thread(world, "chief")
    script = world.script("sheriff")
    assert script.call("GET", "/drafts/forum-patrol").status_code == 404
    assert script.call("PUT", "/drafts/forum-patrol", {"title": "T", "body": "B\x00ody"}).status_code == 200
    assert script.call("GET", "/drafts/forum-patrol").json()["body"] == "Body"
    assert world.script("colleague").call("GET", "/drafts/forum-patrol").status_code == 404
    assert script.call("PUT", "/drafts/forum-patrol", {"title": " ", "body": ""}).status_code == 200
    assert world.count(Draft) == 0
    whole = {"title": "T", "body": "", "fields": {"practice.problem": ["Slow."], "subjects": ["a", "b"]}, "attachments": [7]}
    assert script.call("PUT", "/drafts/forum-patrol", whole).json() == whole
    got = script.call("GET", "/drafts/forum-patrol").json()
    assert {name: got[name] for name in whole} == whole
    for wrong in (
        {"fields": {"once": ["x"]}},
        {"fields": {"practice.problem": "x"}},
        {"attachments": ["x"]},
        {"fields": {"readers": ["1"] * 401}},
        {"fields": {f"practice.{a}{b}": [] for a in ascii_lowercase for b in ascii_lowercase}},
    ):
        assert script.call("PUT", "/drafts/forum-patrol", {"body": "x", **wrong}).status_code == 422, wrong
    for key in ("forum-nowhere", "thread-999999", "thread-x", "nothing", f"thread-{thread}x", "thread-99999999999999"):
        assert script.call("PUT", f"/drafts/{key}", {"body": "x"}).status_code == 404, key
    assert world.script("vendor").call("PUT", f"/drafts/thread-{thread}", {"body": "x"}).status_code == 404
    assert script.call("PUT", "/drafts/forum-patrol", {"body": "x" * 200_001}).status_code == 422
    assert world.script("retired").call("PUT", "/drafts/forum-patrol", {"body": "May read, not write."}).status_code == 200


def test_a_draft_for_a_place_that_was_closed_can_be_copied_and_names_nothing(world: World) -> None:
    thread = open_thread(world, "chief", title="Osprey drill")
    world.script("sheriff").call("PUT", f"/drafts/thread-{thread}", {"body": WORDS})
    with world.db.write() as session:
        session.execute(delete(Grant))
    browser = world.browser("sheriff")
    page = browser.get("/drafts").text
    assert (WORDS in page, "Osprey" in page) == (True, False)
    gone = re.search(r'action="(/drafts/thread/\d+/delete)"', page)
    assert gone
    assert browser.post(gone[1], page="/drafts").status_code == 303
    assert world.count(Draft) == 0


def test_a_thread_page_asks_as_often_with_thanks_as_without(world: World) -> None:
    thread = open_thread(world, "chief")
    for n in range(6):
        reply(world, "chief", thread, f"Words {n}.")
    browser = world.browser("sheriff")
    browser.get(f"/threads/{thread}")
    counts = []
    for positions in ((1,), (2, 3, 4)):
        for position in positions:
            thank(world, "colleague", thread, position)
        browser.get(f"/threads/{thread}")
        with world.count_queries() as queries:
            browser.get(f"/threads/{thread}")
        counts.append(queries.count)
    assert counts[0] == counts[1]
