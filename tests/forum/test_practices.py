"""A lesson's practice record: it comes back as it was written, its author alone writes it, and nothing it said is lost."""

from __future__ import annotations

import html
import re
from typing import Any

from sqlalchemy import select

from app.core.audit import AuditEvent
from app.forum.practices.models import Practice, PracticeRevision, Subject
from tests.forum.steps import LESSON, hide, open_thread
from tests.races import at_once
from tests.world import Client, World

RECORD: dict[str, Any] = {
    "problem": "Cars tied up for 50 minutes.\n\n<b>Four</b> calls in ten.", "what_we_did": "A desk, 8 to 6.",
    "outcome": "41 minutes, not 96.", "measured": True, "cost_band": "under_25k", "staffing": "One clerk", "setup_weeks": 9,
    "again": "with_changes", "again_why": "Start with one type.", "sworn": 38, "subjects": ["patrol", "call-handling"], "contact_ok": True,
    "review_by": "2028-03-01",
}  # fmt: skip


def subjects(world: World) -> None:
    with world.db.write() as session:
        names = ("Patrol", "Call handling", "Training")
        session.add_all(Subject(slug=name.lower().replace(" ", "-"), name=name, sort=n) for n, name in enumerate(names))


def lesson(world: World, **fields: Any) -> int:
    return open_thread(world, "chief", practice={**RECORD, **fields})


def practice(world: World, who: str, thread: int) -> dict[str, Any]:
    return world.script(who).call("GET", f"/threads/{thread}").json()["practice"]


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def test_a_record_comes_back_as_it_was_written_and_stands_escaped_on_the_page(world: World) -> None:  # H5
    subjects(world)
    thread = lesson(world)
    for who in ("chief", "sheriff"):
        got = practice(world, who, thread)
        assert {name: got[name] for name in RECORD} == RECORD
    page = world.browser("sheriff").get(f"/threads/{thread}").text
    panel = page[page.index('id="h-record"') : page.index('id="h-replies"')]
    assert "<p>&lt;b&gt;Four&lt;/b&gt; calls in ten.</p>" in panel
    for shown in (
        "41 minutes, not 96.",
        "Measured",
        "Yes, with changes",
        "$5,000 to $25,000",
        "9 weeks",
        "38 sworn",
        ">Patrol</a>, <a",
        ">Call handling</a>",
    ):
        assert shown in panel
    assert "March 1, 2028" in panel
    assert f'href="/members/{world.id("chief")}"' in panel
    assert "Edit the record" not in panel
    without = open_thread(world, "chief", practice={"problem": "x"})
    assert practice(world, "sheriff", without)["sworn"] == 38  # the agency's size now, where nothing else was said


SAID = "Show it as it was posted"


def test_an_opening_message_that_only_repeats_its_record_is_folded_and_found_all_the_same(world: World) -> None:
    body = "**Problem.** Cars tied up for 50 *minutes*.\n\n## What we did\nA desk, 8 to 6."
    record = {"problem": "Cars tied up for 50 minutes.", "what_we_did": "A desk, 8 to 6."}
    same = open_thread(world, "chief", body=body, practice=record)
    more = open_thread(world, "chief", body=body + "\n\nWe lost a month.", practice=record)
    reader = world.browser("sheriff")
    assert SAID not in reader.get(f"/threads/{more}").text
    page = reader.get(f"/threads/{same}").text
    assert SAID in page
    assert 'id="r0"' in page
    assert f"/threads/{same}?quote=0#reply" in page
    assert "A desk, 8 to 6." in reader.get(f"/threads/{same}?quote=0").text.partition('id="reply"')[2]
    changed = {"problem": record["problem"], "what_we_did": "Two desks.", "version": 1}
    assert world.script("chief").call("PUT", f"/threads/{same}/practice", changed).status_code == 200
    assert SAID not in reader.get(f"/threads/{same}").text


def test_what_is_wrong_is_said_at_its_field(world: World) -> None:
    subjects(world)
    script = world.script("chief")
    bad = {
        "again": "maybe", "cost_band": "cheap", "sworn": -4, "setup_weeks": "soon", "vendor": "x", "subjects": ["no-such"],
        "review_by": "2026-11-01", "problem": "x" * 10_001,
    }  # fmt: skip
    for name, value in bad.items():
        answer = script.call("POST", "/forums/patrol/threads", {**LESSON, "practice": {**RECORD, name: value}})
        assert answer.status_code == 422, name
        assert [error["field"].split(".")[:2] for error in answer.json()["errors"]] == [["practice", name]]
    empty = {**RECORD, "problem": " ", "what_we_did": "", "outcome": "\n"}
    assert script.call("POST", "/forums/patrol/threads", {**LESSON, "practice": empty}).status_code == 422
    question = {**LESSON, "kind": "question", "practice": RECORD}
    assert script.call("POST", "/forums/patrol/threads", question).json()["errors"][0]["field"] == "practice"
    assert world.count(Practice) == 0


def typed(**fields: str) -> list[tuple[str, str]]:
    values = {"kind": "lesson", "title": "A desk", "body": "See the record.", "marking": "TLP:GREEN", **fields}
    return list(values.items())


def test_the_composer_takes_a_record_and_gives_everything_back_that_is_not_right(world: World) -> None:
    subjects(world)
    chief, at = world.browser("chief"), "/forums/patrol/new"
    fresh = chief.get(at).text
    assert 'name="practice.problem"' in fresh
    assert 'name="practice.sworn" value="38"' in fresh
    wrong = chief.post(
        at, typed(title="", **{"practice.problem": "Slow <&", "practice.setup_weeks": "soon", "practice.subjects": "training"}), page=at
    )
    assert wrong.status_code == 422
    assert "Slow &lt;&amp;" in wrong.text
    assert re.search(r'name="practice.subjects" value="training" checked', wrong.text)
    assert 'id="practice.setup_weeks-error"' in wrong.text
    assert 'id="title-error"' in wrong.text
    two = [("practice.problem", "Slow"), ("practice.subjects", "training"), ("practice.subjects", "patrol"), ("practice.measured", "yes")]
    made = chief.post(at, [*typed(), *two, ("practice.sworn", "38"), ("practice.again", "")], page=at)
    got = practice(world, "chief", int(re.findall(r"\d+", made.headers["location"])[0]))
    assert (got["problem"], got["subjects"], got["measured"], got["again"]) == ("Slow", ["patrol", "training"], True, None)
    as_question = chief.post(at, typed(kind="question", **{"practice.problem": "Slow"}), page=at)
    assert as_question.status_code == 422
    assert "Only a lesson has a practice record" in as_question.text
    plain = chief.post(at, typed(**{"practice.sworn": "38", "practice.review_by": "2027-11-23"}), page=at)  # as the fresh form sends it
    assert practice(world, "chief", int(re.findall(r"\d+", plain.headers["location"])[0])) is None


def save(client: Client, thread: int, **fields: str) -> int:
    at = f"/threads/{thread}/practice"
    return client.post(at, {"problem": "Slow", "version": "0", **fields}, page=at).status_code


def test_the_author_fills_a_record_in_later_and_nobody_else(world: World) -> None:
    thread = open_thread(world, "chief")
    chief, at = world.browser("chief"), f"/threads/{thread}/practice"
    assert "Fill in the practice record" in chief.get(f"/threads/{thread}").text
    assert "Fill in the practice record" not in world.browser("colleague").get(f"/threads/{thread}").text
    assert [world.browser(who).get(at).status_code for who in ("colleague", "moderator", "vendor")] == [403, 403, 404]
    assert world.script("colleague").call("PUT", at, {"problem": "Mine", "version": 0}).status_code == 403
    assert save(chief, thread) == 303
    assert "Edit the record" in chief.get(f"/threads/{thread}").text
    question = open_thread(world, "chief", kind="question")
    assert chief.get(f"/threads/{question}/practice").status_code == 409


def test_of_two_changes_the_second_is_told_and_the_earlier_record_is_kept(world: World) -> None:
    subjects(world)
    thread = lesson(world)
    world.later(minutes=20)
    chief, at = world.browser("chief"), f"/threads/{thread}/practice"
    assert save(chief, thread, version="1", outcome="Better", subjects="training", review_by="2028-01-01") == 303
    late = chief.post(at, {"problem": "Typed <late>", "version": "1"}, page=at)
    assert late.status_code == 409
    assert "Typed &lt;late&gt;" in late.text
    assert "Better" in late.text  # what stands now
    assert 'name="version" value="2"' in late.text
    assert world.script("chief").call("PUT", at, {"problem": "Stale", "version": 1}).status_code == 409
    [earlier] = world.script("sheriff").call("GET", f"{at}/revisions").json()["items"]
    assert (earlier["version"], earlier["practice"]) == (1, RECORD)
    assert "41 minutes, not 96." in words(world.browser("sheriff").get(f"{at}/revisions").text)
    assert world.script("vendor").call("GET", f"{at}/revisions").status_code == 404
    assert world.count(AuditEvent, AuditEvent.verb == "practice.edit") == 1
    edits = [lambda n=n: world.script("chief").call("PUT", at, {"problem": f"Race {n}", "version": 2}).status_code for n in range(4)]
    assert sorted(at_once(edits)) == [200, 409, 409, 409]  # L6
    assert world.count(PracticeRevision) == 2


def test_what_a_moderator_hides_takes_the_record_with_it(world: World) -> None:
    thread = lesson(world, subjects=[])
    hide(world, thread, 0)
    for who in ("chief", "sheriff"):
        assert practice(world, who, thread) is None
        assert "41 minutes" not in world.browser(who).get(f"/threads/{thread}").text
        assert world.script(who).call("GET", f"/threads/{thread}/practice/revisions").status_code == 404
    assert world.script("chief").call("PUT", f"/threads/{thread}/practice", {"problem": "Again", "version": 1}).status_code == 409


def test_administrators_keep_the_list_of_subjects(world: World) -> None:
    subjects(world)
    admin, at = world.browser("admin"), "/admin/subjects"
    ids = dict(world.one(select(Subject.id, Subject.slug).where(Subject.slug == "patrol"))._mapping)
    assert admin.post(at, {"name": "Body-worn video"}, page=at).status_code == 303
    assert admin.post(at, {"name": "body worn VIDEO"}, page=at).status_code == 422
    assert admin.post(f"{at}/{ids['id']}", {"name": "Patrol staffing"}, page=at).status_code == 303
    assert admin.post(f"{at}/{ids['id']}/down", page=at).status_code == 303
    thread = lesson(world)
    assert admin.post(f"{at}/{ids['id']}/retire", page=at).status_code == 303
    listed = world.script("retired").call("GET", "/subjects").json()["items"]
    assert [row["slug"] for row in listed] == ["call-handling", "training", "body-worn-video"]
    again = {**practice(world, "chief", thread), "version": 1}
    again = {name: again[name] for name in (*RECORD, "version")}
    assert world.script("chief").call("PUT", f"/threads/{thread}/practice", again).json()["subjects"] == ["call-handling", "patrol"]
    assert world.script("chief").call("POST", "/forums/patrol/threads", {**LESSON, "practice": RECORD}).status_code == 422
    assert [world.browser(who).get(at).status_code for who in ("chief", "moderator")] == [404, 404]


def test_a_thread_without_a_record_asks_no_more_of_the_database(world: World) -> None:
    subjects(world)
    counts = []
    for fields in ({"kind": "question"}, {}, {"practice": RECORD}, {"practice": {**RECORD, "subjects": ["patrol"]}}):
        thread = open_thread(world, "chief", **fields)
        browser = world.browser("sheriff")
        browser.get(f"/threads/{thread}")
        with world.count_queries() as queries:
            assert browser.get(f"/threads/{thread}").status_code == 200
        counts.append(queries.count)
    # A question asks whom it went to, a lesson for its record and what it is about.
    assert counts[0] - 1 == counts[1] == counts[2] - 2 == counts[3] - 2
