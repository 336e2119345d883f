"""What a draft keeps beside title and text: the composer's other fields, and the files that are sent already."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.attachments import collecting
from app.attachments.models import Attachment
from app.forum.models import Forum
from app.forum.own.models import Draft
from tests.attachments.things import picture
from tests.forum.steps import open_thread
from tests.forum.test_own import WORDS
from tests.forum.test_practices import subjects
from tests.mail.helpers import change
from tests.membership.papers import call
from tests.world import World

RECORD = {"practice.problem": "Slow.", "practice.again": "yes", "practice.sworn": "", "practice.measured": "yes"}
POLL = {
    "poll.question": "Which?",
    "poll.choices": "One\nTwo",
    "poll.by": "agency",
    "poll.results": "after_close",
    "poll.closes_on": "2026-12-24",
}


def test_a_draft_keeps_all_that_the_composer_holds(world: World) -> None:
    subjects(world)
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    one, other, new = world.browser("sheriff"), world.browser("sheriff"), "/forums/patrol/new"
    fields = {"kind": "question", "title": "Half", "body": "A word.", "marking": "TLP:AMBER", "anonymous": "yes", **RECORD, **POLL}
    typed = [
        *fields.items(),
        ("subjects", "patrol"),
        ("subjects", "training"),
        ("practice.subjects", "patrol"),
        ("once", "x"),
        ("seen", "3"),
    ]
    assert one.post("/drafts/forum-patrol", [*typed, ("readers", str(world.id("chief")))], page=new).status_code == 200
    page = re.sub(r' id="[^"]*"', "", other.get(new).text)
    assert re.findall(r'name="([a-z._]+)" value="([^"]+)" checked', page) == [
        ("kind", "question"), ("practice.measured", "yes"), ("practice.subjects", "patrol"), ("subjects", "patrol"),
        ("subjects", "training"), ("poll.by", "agency"), ("poll.results", "after_close"), ("marking", "TLP:AMBER"),
        ("readers", str(world.id("chief"))),
        ("anonymous", "yes"),
    ]  # fmt: skip
    for part in ("Slow.</textarea>", "One\nTwo</textarea>", 'value="Which?"', 'value="2026-12-24"', '<option value="yes" selected>'):
        assert part in page, part
    assert re.search(r'name="practice.sworn" value=""', page)  # and not what a fresh form would say
    listed = other.get("/drafts").text
    assert all(word in listed for word in ("A word.", "Slow.", "Which?"))
    sent = {**fields, "subjects": "patrol", "practice.problem": "", "practice.again": "", "practice.measured": "", "marking": "TLP:GREEN"}
    assert other.post(new, sent, page=new).status_code == 303
    assert world.count(Draft) == 0
    assert re.search(r'value="discussion" checked', one.get(new).text)


def test_one_field_alone_is_a_draft_and_choices_alone_are_none(world: World) -> None:
    browser, new = world.browser("sheriff"), "/forums/patrol/new"
    for alone in ({"practice.outcome": "41 minutes."}, {"poll.choices": "One"}, {"title": "A title"}):
        assert browser.post("/drafts/forum-patrol", {"kind": "lesson", "body": "", **alone}, page=new).status_code == 200
        assert world.count(Draft) == 1, alone
        nothing = {"kind": "lesson", "marking": "TLP:AMBER", "practice.sworn": "112", "poll.by": "member", "body": " "}
        assert browser.post("/drafts/forum-patrol", nothing, page=new).status_code == 200
        assert world.count(Draft) == 0, alone
    too_much = {"practice.problem": "x" * 150_000, "practice.outcome": "x" * 60_000}
    assert browser.post("/drafts/forum-patrol", too_much, page=new).status_code == 422


def test_files_of_a_draft_stand_in_it_on_each_device_as_long_as_it_does(world: World) -> None:
    thread = open_thread(world, "chief")
    script, page = world.script("sheriff"), f"/threads/{thread}"
    ids = [call(script, "/attachments", {}, (name, picture())).json()["id"] for name in ("map.png", "plan.png", "loose.png")]
    foreign = call(world.script("colleague"), "/attachments", {}, ("theirs.png", picture())).json()["id"]
    typed = [("body", ""), *[("attachments", str(one)) for one in (*ids[:2], foreign)]]
    one, other = world.browser("sheriff"), world.browser("sheriff")
    assert one.post(f"/drafts/thread-{thread}", typed, page=page).status_code == 200
    world.later(days=20)
    collecting.drop_unused(world.db)
    script, other = world.script("sheriff"), world.browser("sheriff")
    assert sorted(world.script("sheriff").call("GET", f"/drafts/thread-{thread}").json()["attachments"]) == sorted([*ids[:2], foreign])
    shown = other.get(page).text
    assert sorted(int(one) for one in re.findall(r'name="attachments" value="(\d+)"', shown)) == sorted(ids[:2])
    assert ("map.png" in shown, "theirs.png" in shown, "loose.png" in shown) == (True, False, False)
    assert "with 3 files" in other.get("/drafts").text
    sent = [("body", "With files."), *[("attachments", str(one)) for one in ids[:2]]]
    assert other.post(f"{page}/replies", sent, page=page).status_code == 303
    assert world.count(Draft) == 0
    assert owners_of(world) == {"reply"}  # the loose one and the stranger's are gone
    late = call(script, "/attachments", {}, ("late.png", picture())).json()["id"]
    assert script.call("PUT", "/drafts/forum-patrol", {"attachments": [late]}).status_code == 200
    assert script.call("DELETE", "/drafts/forum-patrol").status_code == 200
    world.later(days=2)
    collecting.drop_unused(world.db)
    assert world.count(Attachment, Attachment.id == late) == 0


def test_a_reply_that_was_to_have_no_name_has_none_after_all(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    thread = open_thread(world, "sheriff", kind="question", anonymous=True)
    browser, page = world.browser("sheriff"), f"/threads/{thread}"
    ticked = r'name="anonymous" value="yes" checked'
    assert re.search(ticked, browser.get(page).text)  # who asked so before
    for name, expected in (({}, False), ({"anonymous": "yes"}, True)):
        assert browser.post(f"/drafts/thread-{thread}", {"body": WORDS, **name}, page=page).status_code == 200
        assert bool(re.search(ticked, browser.get(page).text)) is expected


def owners_of(world: World) -> set[str]:
    with world.db.read() as conn:
        return set(conn.execute(select(Attachment.owner_kind)).scalars())
