"""A quote names its message also where that moved up, as one before it was taken back."""

from __future__ import annotations

import html
import re

from app.mail.notices.models import Notification
from tests.forum.steps import open_thread, reply
from tests.forum.test_undo import undo
from tests.mail.test_at_once import work
from tests.world import World


def quoting(world: World, who: str, thread: int, position: int, body: str) -> int:
    said = {"body": body, "quote": position}
    return int(world.script(who).call("POST", f"/threads/{thread}/replies", said).json()["position"])


def body_at(world: World, thread: int, position: int) -> dict[str, str]:
    items = world.script("sheriff").call("GET", f"/threads/{thread}/replies?from={position}&limit=1").json()["items"]
    return {name: items[0][name] for name in ("body", "html")}


def quoted(world: World, who: str, thread: int) -> int:
    return world.count(
        Notification, Notification.thread_id == thread, Notification.kind == "quote", Notification.member_id == world.id(who)
    )


def test_a_quote_of_what_moved_up_names_it_where_it_stands_now(world: World) -> None:
    thread = open_thread(world, "colleague")
    world.later(minutes=1)
    reply(world, "chief", thread, "Too soon.")
    reply(world, "sheriff", thread, "Sallyport words.")
    at = quoting(world, "analyst", thread, 2, f"So do we, as [there](/threads/{thread}/replies/2) and in 1/replies/2.")
    assert f"/threads/{thread}/replies/2):" in body_at(world, thread, at)["body"]
    chief = world.browser("chief")
    assert undo(chief, thread, 1) == 303
    now = body_at(world, thread, at - 1)
    assert f"wrote in [#1](http://localhost:8000/threads/{thread}/replies/1):" in now["body"]
    assert f"[there](/threads/{thread}/replies/1) and in 1/replies/2." in now["body"]
    assert re.findall(rf"threads(?:/|%2F){thread}(?:/|%2F)replies(?:/|%2F)(\d+)", now["html"]) == ["1", "1"]
    page = world.browser("sheriff").get(f"/threads/{thread}").text
    assert re.search(r'replies%2F1"[^>]*>#1</a>', page)
    assert "Sallyport words." in body_at(world, thread, 1)["body"]
    world.later(seconds=12)
    work(world)
    assert [quoted(world, who, thread) for who in ("sheriff", "analyst", "chief")] == [1, 0, 0]


def test_a_quote_of_what_was_taken_back_leads_to_nobody_else(world: World) -> None:
    thread = open_thread(world, "colleague")
    world.later(minutes=1)
    reply(world, "chief", thread, "Too soon.")
    at = quoting(world, "analyst", thread, 1, f"Agreed. See /threads/{thread}/replies/1 there.")
    assert undo(world.browser("chief"), thread, 1) == 303
    now = body_at(world, thread, at - 1)
    assert "wrote in a message taken back since:" in now["body"]
    assert f"See /threads/{thread} there." in now["body"]
    assert f"/threads/{thread}/replies/" not in now["html"]
    world.later(seconds=12)
    work(world)
    assert world.count(Notification, Notification.kind == "quote") == 0


def test_an_edit_and_a_draft_with_such_a_quote_follow_and_others_stay(world: World) -> None:
    thread, other = open_thread(world, "colleague"), open_thread(world, "colleague")
    earlier = reply(world, "analyst", thread, "Standing.")
    world.later(minutes=1)
    chief = world.browser("chief")
    for words in ("Too soon.", "Second."):
        reply(world, "chief" if words == "Too soon." else "sheriff", thread, words)
    link = f"[#3](/threads/{thread}/replies/3)"
    edited = {"body": f"Standing: {link}, [#1](/threads/{thread}/replies/1), [#3](/threads/{other}/replies/3), #31.", "version": 1}
    assert world.script("analyst").call("PATCH", f"/threads/{thread}/replies/{earlier}", edited).status_code == 200
    assert world.script("moderator").call("PUT", f"/drafts/thread-{thread}", {"body": f"As {link} says"}).status_code == 200
    assert undo(chief, thread, 2) == 303
    assert body_at(world, thread, earlier)["body"] == (
        f"Standing: [#2](/threads/{thread}/replies/2), [#1](/threads/{thread}/replies/1), [#3](/threads/{other}/replies/3), #31."
    )
    assert f"/threads/{thread}/replies/2" in world.browser("sheriff").get(f"/threads/{thread}").text
    assert world.script("moderator").call("GET", f"/drafts/thread-{thread}").json()["body"] == f"As [#2](/threads/{thread}/replies/2) says"


def test_a_quote_in_a_form_that_was_open_meanwhile_is_put_right_when_it_is_sent(world: World) -> None:
    thread = open_thread(world, "colleague")
    world.later(minutes=1)
    for who, words in (("chief", "Too soon."), ("sheriff", "Sallyport words."), ("moderator", "After it.")):
        reply(world, who, thread, words)
    analyst = world.browser("analyst")
    page = analyst.get(f"/threads/{thread}?quote=2").text
    quote = html.unescape(re.findall(r"<textarea[^>]*>\n([^<]+)</textarea>", page)[0])
    assert "wrote in [#2](" in quote
    assert undo(world.browser("chief"), thread, 1) == 303
    stranger = quote.replace("Sallyport words.", "What nobody said.")
    for text, number in ((quote, 1), (stranger, 2), (quote.replace("Sheriff", "Chief"), 2)):
        assert analyst.post(f"/threads/{thread}/replies", {"body": text}, page=f"/threads/{thread}").status_code == 303
        last = world.script("sheriff").call("GET", f"/threads/{thread}").json()["reply_count"]
        assert f"wrote in [#{number}](http://localhost:8000/threads/{thread}/replies/{number}):" in body_at(world, thread, last)["body"]
    world.later(seconds=12)
    work(world)
    assert [quoted(world, who, thread) for who in ("sheriff", "moderator", "analyst")] == [1, 0, 0]
