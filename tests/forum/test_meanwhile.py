"""Who writes is told what came meanwhile, and that a thread is old; nothing typed is lost, and nothing is posted twice."""

from __future__ import annotations

import re

from app.forum.models import Reply
from tests.forum.steps import open_thread, reply
from tests.world import World

WORDS = "My words stay."


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_reply_that_came_meanwhile_is_shown_first_and_the_text_stays(world: World) -> None:
    thread = open_thread(world, "chief")
    path, sheriff = f"/threads/{thread}", world.browser("sheriff")
    for n in range(25):
        reply(world, "chief", thread, f"Words {n:02}.")
    seen = seen_on(sheriff.get(path).text)
    for body in ("Settled by now.", "Quite settled."):
        reply(world, "colleague", thread, body)
    told = sheriff.post(f"{path}/replies", {"body": WORDS, "seen": seen}, page=path)
    assert told.status_code == 409
    assert "2 replies came, #26 to #27, while you wrote." in told.text
    assert "Quite settled." in told.text
    assert WORDS in told.text
    assert world.count(Reply, Reply.body == WORDS) == 0
    sent = sheriff.post(f"{path}/replies", {"body": WORDS, "seen": seen_on(told.text)}, page=path)
    assert (sent.status_code, world.count(Reply, Reply.body == WORDS)) == (303, 1)


def test_who_saw_all_or_does_not_say_is_not_asked(world: World) -> None:
    thread = open_thread(world, "chief")
    path, sheriff = f"/threads/{thread}", world.browser("sheriff")
    assert sheriff.post(f"{path}/replies", {"body": "One.", "seen": seen_on(sheriff.get(path).text)}, page=path).status_code == 303
    assert reply(world, "chief", thread, "Two.") == 2
    assert world.script("sheriff").call("POST", f"{path}/replies", {"body": "Three.", "seen": 1}).status_code == 409
    assert world.script("sheriff").call("POST", f"{path}/replies", {"body": "Three.", "seen": -1}).status_code == 422


def test_an_old_thread_says_that_it_is_old(world: World) -> None:
    thread = open_thread(world, "chief")
    assert "The last message here" not in world.browser("sheriff").get(f"/threads/{thread}").text
    world.later(days=181)
    assert "The last message here is of" in world.browser("sheriff").get(f"/threads/{thread}").text
