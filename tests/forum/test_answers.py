"""A question's answer: who says so, where it stands, who hears of it."""

from __future__ import annotations

import re

from app.core.audit import AuditEvent
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import mails
from tests.mail.test_at_once import work
from tests.membership.cases import letters
from tests.people import CAST
from tests.world import World


def question(world: World, who: str = "chief", **fields: object) -> int:
    return open_thread(world, who, kind="question", title="Ten-hour shifts with twelve people?", body="Show me.", **fields)


def accept(world: World, who: str, thread: int, position: int) -> int:
    return world.script(who).call("PUT", f"/threads/{thread}/answer", {"position": position}).status_code


def waiting(world: World) -> list[int]:
    rows = world.script("colleague").call("GET", "/forums/patrol/threads?filter=unanswered").json()["items"]
    return [row["id"] for row in rows]


def test_the_asker_accepts_an_answer_and_may_change_their_mind(world: World) -> None:
    thread = question(world)
    reply(world, "sheriff", thread, "Ours is on the wall.")
    reply(world, "analyst", thread, "We gave it up.")
    assert waiting(world) == [thread]  # a reply is no answer yet
    assert [accept(world, who, thread, 1) for who in ("colleague", "sheriff", "vendor")] == [403, 403, 404]
    assert [accept(world, "chief", thread, position) for position in (0, 3, 1)] == [422, 422, 200]
    seen = world.script("colleague").call("GET", f"/threads/{thread}").json()
    assert (seen["answer_position"], waiting(world)) == (1, [])
    assert accept(world, "chief", thread, 2) == 200
    assert world.script("chief").call("DELETE", f"/threads/{thread}/answer").json() == {"answer_position": None}
    assert waiting(world) == [thread]
    lesson = open_thread(world, "chief")
    reply(world, "sheriff", lesson, "Yes.")
    assert accept(world, "chief", lesson, 1) == 409


def test_the_answer_stands_on_top_of_each_page(world: World) -> None:
    thread = question(world)
    for n in range(30):
        reply(world, "sheriff", thread, f"Words {n:02}.")
    asker = world.browser("chief")
    page = asker.get(f"/threads/{thread}?from=20")
    assert page.text.count("Accept as answer") == 11
    assert asker.post(f"/threads/{thread}/answer", {"position": "2"}, page=f"/threads/{thread}").status_code == 303
    for start, has_fold in (("", True), ("?from=20", False)):
        page_ = world.browser("colleague").get(f"/threads/{thread}{start}").text
        top, _, rest = page_.partition('id="h-replies"')
        assert "Chosen by the asker" in top
        assert "Words 01." in top
        assert "Words 01." not in rest
        assert ("is the accepted answer" in rest) == has_fold
        assert len(re.findall(r'id="r2"', page_)) == 1
    assert "Answered" in world.browser("colleague").get("/forums/patrol").text
    assert asker.post(f"/threads/{thread}/answer/remove", page=f"/threads/{thread}").status_code == 303
    assert "Accepted answer" not in world.browser("colleague").get(f"/threads/{thread}").text


def test_a_moderator_may_say_so_by_name_and_a_hidden_reply_is_none(world: World) -> None:
    thread = question(world)
    reply(world, "sheriff", thread, "Ours is on the wall.")
    hide(world, thread, 1)
    assert accept(world, "chief", thread, 1) == 409
    world.browser("moderator").post(f"/threads/{thread}/replies/1/show", page=f"/threads/{thread}")
    browser = world.browser("moderator")
    assert browser.post(f"/threads/{thread}/answer", {"position": "1"}, page=f"/threads/{thread}").status_code == 303
    assert f"Chosen by {CAST['moderator'].rank} {CAST['moderator'].name}" in world.browser("colleague").get(f"/threads/{thread}").text
    hide(world, thread, 1)
    assert "Accepted answer" not in world.browser("colleague").get(f"/threads/{thread}").text


def test_a_hidden_answer_is_none_while_it_is_hidden(world: World) -> None:  # X12
    thread = question(world)
    for words in ("Ours is on the wall.", "Against the rules.", "Rude too."):
        reply(world, "sheriff", thread, words)
    reader, moderator = world.browser("colleague"), world.browser("moderator")

    def seen() -> list[bool]:
        """In lists, under the filter, in a search, for scripts, at the thread's head."""
        found = world.script("colleague").call("GET", "/search?q=kind:question%20is:unanswered").json()["items"]
        told = world.script("colleague").call("GET", f"/threads/{thread}").json()["answer_position"]
        row, page = reader.get("/forums/patrol").text, reader.get(f"/threads/{thread}").text
        return [">Answered<" in row.replace("</svg>", ">"), waiting(world) == [], not found, told == 1, "Accepted answer" in page]

    def show(position: int) -> None:
        moderator.post(f"/threads/{thread}/replies/{position}/show", page=f"/threads/{thread}")

    hide(world, thread, 3)
    world.later(minutes=1)
    assert accept(world, "chief", thread, 1) == 200
    assert seen() == [True] * 5
    with world.count_queries() as before:
        reader.get("/forums/patrol")
    hide(world, thread, 1)
    assert seen() == [False] * 5
    with world.count_queries() as after:
        reader.get("/forums/patrol")
    assert after.count == before.count
    show(3)  # hidden before one was accepted: that it was not
    assert seen() == [False] * 5
    show(1)
    assert seen() == [True] * 5
    assert "Chosen by the asker" in reader.get(f"/threads/{thread}").text
    hide(world, thread, 2)
    hide(world, thread, 1)
    show(2)  # of two hidden since, which one it was nobody can tell: the asker says so anew
    assert seen() == [False] * 5
    show(1)
    assert seen() == [False] * 5
    assert accept(world, "chief", thread, 1) == 200
    assert seen() == [True] * 5


def test_whoever_wrote_it_hears_of_it_once_and_not_the_asker_of_their_own(world: World) -> None:
    thread = question(world)
    reply(world, "sheriff", thread, "Ours is on the wall.")
    reply(world, "chief", thread, "Found it myself.")
    for position in (1, 2, 1):
        accept(world, "chief", thread, position)
    told = {who: [str(letter["Subject"]) for letter in letters(world, CAST[who].email)] for who in ("sheriff", "chief")}
    assert told == {"sheriff": ["Your reply was accepted as the answer"], "chief": []}
    items = world.script("sheriff").call("GET", "/notifications").json()["items"]
    assert [(item["kind"], item["text"]) for item in items] == [("answer", "Your reply was accepted as the answer")]
    assert world.count(AuditEvent, AuditEvent.verb == "thread.answer") == 3
    work(world)
    assert [str(mail["Subject"]) for mail in mails(world, "sheriff", "notification")] == ["Your reply was accepted as the answer"]
