"""What a thread is about, changed after it was posted: by whom, and what follows at once."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from app.core.audit import AuditEvent
from app.forum.models import Forum, Thread
from app.forum.practices import tagging
from app.forum.practices.forms import SubjectsForm
from app.forum.practices.models import Subject
from tests.forum.steps import hide, open_thread, reply
from tests.forum.test_practices import RECORD, practice, subjects
from tests.mail.helpers import change
from tests.world import World

QUESTION = {"kind": "question", "title": "Who records pursuits?", "body": "Has anyone begun?"}


def tag(world: World, who: str, thread: int, *slugs: str) -> int:
    answer = world.script(who, "read,write,moderate").call("PUT", f"/threads/{thread}/subjects", {"subjects": list(slugs)})
    if answer.status_code == 200:
        assert sorted(answer.json()["subjects"]) == sorted(slugs)
    return answer.status_code


def found(world: World, tag: str) -> list[tuple[int, int]]:
    items = world.script("sheriff").call("GET", f"/search?q=tag:{tag}").json()["items"]
    return sorted((item["thread"], item["position"]) for item in items)


def about(world: World, thread: int) -> str:
    line = re.search(r'<p class="by">About (.*?)\.</p>', world.browser("sheriff").get(f"/threads/{thread}").text)
    return line[1] if line else ""


def test_the_page_and_the_search_follow_at_once(world: World) -> None:
    subjects(world)
    for kind in ("question", "discussion"):
        thread = open_thread(world, "chief", **{**QUESTION, "kind": kind}, subjects=["patrol"])
        reply(world, "sheriff", thread, "We did.")
        assert (found(world, "patrol"), found(world, "training")) == ([(thread, 0), (thread, 1)], [])
        chief, page = world.browser("chief"), f"/threads/{thread}/subjects"
        form = chief.get(page).text
        assert re.findall(r'name="subjects" value="([a-z-]+)"( checked)?', form) == [
            ("patrol", " checked"),
            ("call-handling", ""),
            ("training", ""),
        ]
        assert f'href="{page}"' in chief.get(f"/threads/{thread}").text
        assert f'href="{page}"' not in world.browser("sheriff").get(f"/threads/{thread}").text
        fields = [("subjects", "training"), ("subjects", "call-handling")]
        done = chief.post(page, fields, page=page, follow=True)
        assert "The subjects are changed." in done.text
        assert about(world, thread) == "Call handling, Training"
        assert (found(world, "patrol"), found(world, "training")) == ([], [(thread, 0), (thread, 1)])
        reply(world, "analyst", thread, "So did we.")  # a message that comes later is found by them, too
        assert found(world, "training") == [(thread, 0), (thread, 1), (thread, 2)]
        assert tag(world, "chief", thread) == 200
        assert (about(world, thread), found(world, "training")) == ("", [])


def is_waited_for(world: World) -> bool:
    with world.db.read() as conn:
        return conn.execute(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).scalar_one() == 1


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)  # SQLite's acts come one after the other from their beginning on
def test_a_reply_that_waits_while_they_change_has_those_of_now(world: World) -> None:
    subjects(world)
    thread, chief = open_thread(world, "chief", **QUESTION, subjects=["patrol"]), world.actor("chief")
    reply(world, "sheriff", thread, "We did.")
    with ThreadPoolExecutor(1) as pool:
        with world.db.write() as session:
            tagging.change(session, chief, thread, SubjectsForm(subjects=["training"]))
            waits = pool.submit(reply, world, "analyst", thread, "So did we.")
            while not is_waited_for(world):
                assert not waits.done()
        assert waits.result() == 2
    assert (found(world, "patrol"), found(world, "training")) == ([], [(thread, 0), (thread, 1), (thread, 2)])


def test_a_lessons_list_follows_and_its_record_keeps_what_it_said(world: World) -> None:
    subjects(world)
    thread = open_thread(world, "chief", practice=RECORD)
    world.later(days=30)
    assert tag(world, "chief", thread, "training") == 200  # as long as its author may write the record
    sheriff = world.browser("sheriff")
    assert "Redaction in two hours" in sheriff.get("/lessons?subject=training").text
    assert "Redaction in two hours" not in sheriff.get("/lessons?subject=patrol").text
    now = practice(world, "sheriff", thread)
    assert (now["subjects"], now["version"], now["problem"]) == (["training"], 2, RECORD["problem"])
    assert now["confirmed_at"][:10] == "2026-11-23"  # naming it otherwise is not saying that it is still true
    earlier = world.script("sheriff").call("GET", f"/threads/{thread}/practice/revisions").json()["items"]
    assert [revision["practice"]["subjects"] for revision in earlier] == [["patrol", "call-handling"]]
    assert tag(world, "chief", thread, "training") == 200
    assert practice(world, "sheriff", thread)["version"] == 2  # the same once more is no change
    bare = open_thread(world, "chief", title="No record yet")
    assert tag(world, "moderator", bare, "training") == 200
    assert about(world, bare) == "Training"
    assert "No record yet" in sheriff.get("/lessons?subject=training").text
    assert found(world, "training") == [(thread, 0), (bare, 0)]
    form = world.browser("chief").get(f"/threads/{bare}/practice").text  # whose first record keeps them
    assert re.findall(r'name="subjects" value="([a-z-]+)" checked', form) == ["training"]


def test_who_may_and_until_when(world: World) -> None:
    subjects(world)
    thread = open_thread(world, "chief", **QUESTION)
    secret = open_thread(world, "colleague", **{**QUESTION, "marking": "TLP:RED"}, readers=[world.id("chief")])
    assert tag(world, "colleague", secret, "patrol") == 200
    assert about(world, thread) == about(world, secret) == ""
    refused = {"sheriff": 403, "colleague": 403, "other_moderator": 403, "retired": 403, "admin": 403, "vendor": 404}
    assert {who: tag(world, who, thread, "patrol") for who in refused} == refused
    assert [tag(world, who, secret, "patrol") for who in ("moderator", "sheriff")] == [404, 404]
    world.later(hours=24)  # the forum's rule for messages
    page = world.browser("chief")
    assert (tag(world, "chief", thread, "patrol"), page.get(f"/threads/{thread}/subjects").status_code) == (403, 403)
    assert f"/threads/{thread}/subjects" not in page.get(f"/threads/{thread}").text
    assert tag(world, "moderator", thread, "patrol") == 200
    change(world, Forum, Forum.slug == "patrol", edit_hours=None)
    assert tag(world, "chief", thread, "training") == 200
    lock = f"/threads/{thread}/lock"
    assert world.browser("moderator").post(lock, {"reason": "Settled."}, page=lock).status_code == 303
    assert tag(world, "chief", thread, "patrol") == 409
    hidden = open_thread(world, "chief", **QUESTION)
    hide(world, hidden, 0)
    assert tag(world, "chief", hidden, "patrol") == 409
    notice = {"kind": "notice", "title": "Rules", "body": "Read them."}
    made = world.script("moderator", "read,write,moderate").call("POST", "/forums/patrol/threads", notice).json()["id"]
    assert tag(world, "moderator", made, "patrol") == 409


def test_what_is_written_of_it(world: World) -> None:  # R1
    subjects(world)
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    thread = open_thread(world, "chief", **QUESTION, subjects=["patrol"], anonymous=True)
    version = world.one(select(Thread.version).where(Thread.id == thread)).version
    assert tag(world, "moderator", thread, "training") == 200
    assert tag(world, "chief", thread, "call-handling") == 200
    with world.db.read() as conn:
        rows = conn.execute(select(AuditEvent).where(AuditEvent.verb == "thread.subjects").order_by(AuditEvent.id)).all()
    assert [row.actor_id for row in rows] == [world.id("moderator"), None]  # who asked without a name has none here either
    details = [json.loads(row.detail) for row in rows]
    assert [(said["before"], said["after"], said["by"]) for said in details] == [
        (["patrol"], ["training"], "moderator"), (["training"], ["call-handling"], "author"),
    ]  # fmt: skip
    assert world.one(select(Thread.version).where(Thread.id == thread)).version == version + 2


def test_what_is_not_on_the_associations_list_is_refused_and_a_retired_one_stays(world: World) -> None:
    subjects(world)
    thread = open_thread(world, "chief", **QUESTION, subjects=["patrol"])
    change(world, Subject, Subject.slug == "patrol", retired=True)
    change(world, Subject, Subject.slug == "training", retired=True)
    assert tag(world, "chief", thread, "patrol", "call-handling") == 200
    chief, page = world.browser("chief"), f"/threads/{thread}/subjects"
    for slug in ("training", "no-such", "x" * 61):
        assert tag(world, "chief", thread, slug) == 422
    back = chief.post(page, [("subjects", "call-handling"), ("subjects", "no-such")], page=page)
    assert back.status_code == 422
    assert "There is no subject no-such." in back.text
    assert 'value="call-handling" checked' in back.text
    assert 'value="patrol" checked' not in back.text
    seven = chief.post(page, [("subjects", "patrol")] * 7, page=page)
    assert seven.status_code == 422
    assert about(world, thread) == "Patrol, Call handling"
