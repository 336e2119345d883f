""" "I ask this too": counted once for each, and nobody is told who."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.forum.models import Forum
from app.forum.own.models import AlsoAsks
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import change
from tests.people import CAST
from tests.world import World


def also_ask(world: World, who: str, thread: int, method: str = "PUT") -> int:
    return world.script(who).call(method, f"/threads/{thread}/also-ask").status_code


def test_members_who_ask_the_same_are_counted_once_each(world: World) -> None:
    thread = open_thread(world, "chief", kind="question")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: also_ask(world, "sheriff", thread), range(8))) == {200}
        assert set(pool.map(lambda who: also_ask(world, who, thread), ("analyst", "moderator", "other_moderator"))) == {200}
    assert world.script("chief").call("GET", f"/threads/{thread}").json()["also_ask"] == world.count(AlsoAsks) == 4
    assert [also_ask(world, "analyst", thread, "DELETE") for _ in range(2)] == [200, 200]
    assert world.script("analyst").call("PUT", f"/threads/{thread}/also-ask").json() == {"also_ask": 4}
    secret = open_thread(world, "chief", kind="question", marking="TLP:RED", readers=[world.id("colleague")])
    lesson = open_thread(world, "chief")
    hidden = open_thread(world, "chief", kind="question")
    hide(world, hidden, 0)
    tried = (("chief", thread), ("vendor", thread), ("sheriff", secret), ("sheriff", lesson), ("sheriff", hidden), ("colleague", secret))
    assert [also_ask(world, who, where) for who, where in tried] == [403, 404, 404, 409, 409, 200]


def test_the_question_says_how_many_ask_it_and_nobody_who(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    for fields in ({}, {"anonymous": True}):
        thread = open_thread(world, "chief", kind="question", **fields)
        page, sheriff = f"/threads/{thread}", world.browser("sheriff")
        assert "I ask this too</button>" in sheriff.get(page).text
        assert "ask this too" not in world.browser("chief").get(page).text
        with world.count_queries() as before:
            sheriff.get(page)
        assert sheriff.post(f"{page}/also-ask", page=page).status_code == 303
        assert also_ask(world, "analyst", thread) == 200
        with world.count_queries() as after:
            assert "You ask this too (2)</button>" in sheriff.get(page).text
        assert before.count == after.count
        assert "I ask this too (2)</button>" in world.browser("colleague").get(page).text
        asker = world.browser("chief").get(page).text
        assert "2 members ask this too" in asker
        assert CAST["sheriff"].name not in asker
        reply(world, "colleague", thread, "We had that.")
        world.script("chief").call("PUT", f"/threads/{thread}/answer", {"position": 1})
        assert "You ask this too (2)</button>" in sheriff.get(page).text  # where the question stands apart, too
        assert sheriff.post(f"{page}/also-ask/remove", page=page).status_code == 303
        assert "I ask this too (1)</button>" in sheriff.get(page).text
        assert "1 member asks this too" in world.browser("chief").get(page).text


def test_a_question_that_others_ask_too_can_be_taken_back(world: World) -> None:  # X8
    thread = open_thread(world, "chief", kind="question")
    assert also_ask(world, "sheriff", thread) == 200
    assert world.browser("chief").post(f"/threads/{thread}/replies/0/undo", {}, page=f"/threads/{thread}").status_code == 200
    assert world.count(AlsoAsks) == 0
