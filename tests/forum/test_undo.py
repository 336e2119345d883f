"""Undo: what was posted a moment ago leaves nothing, and its words are the author's again."""

from __future__ import annotations

import re
from typing import Any

from app.core import jobs
from app.core.audit import AuditEvent
from app.core.errors import Refusal
from app.core.jobs import Job
from app.forum.models import Forum, ReadMark, Reply, Thread
from app.forum.withdrawing import operations
from app.mail.notices.models import Notification
from app.moderation.flags.models import Flag
from app.search.saved import matching
from app.tables import metadata
from app.worker import run_once
from tests.attachments.things import picture
from tests.forum.steps import hide, open_thread, reply, unread
from tests.forum.test_rounds import agree, subjects
from tests.mail.helpers import change
from tests.mail.test_at_once import single, subscribe, work
from tests.membership.papers import call
from tests.races import at_once
from tests.world import Client, World


def undo(browser: Client, thread: int, position: int, **values: str) -> int:
    return browser.post(f"/threads/{thread}/replies/{position}/undo", values, page=f"/threads/{thread}").status_code


def test_a_reply_taken_back_leaves_nothing_and_its_words_are_a_draft(world: World) -> None:  # X8
    subscribe(world, "sheriff")
    thread = open_thread(world, "colleague")
    work(world)
    world.later(minutes=1)
    file = call(world.script("chief"), "/attachments", {}, ("map.png", picture())).json()["id"]
    said = {"body": "Said too soon: **kestrelade**.", "attachments": [file]}
    assert world.script("chief").call("POST", f"/threads/{thread}/replies", said).status_code == 201
    chief, sheriff = world.browser("chief"), world.browser("sheriff")
    page, at = chief.get(f"/threads/{thread}").text, f"/threads/{thread}/replies/1/undo"
    assert re.search(rf'action="{at}" data-gone-in="10"', page)
    assert "kestrelade" in sheriff.get(f"/threads/{thread}").text  # shown at once, and read there
    for key in ("sheriff", "colleague"):
        assert at not in world.browser(key).get(f"/threads/{thread}").text
    assert undo(world.browser("sheriff"), thread, 1) == 403
    reply(world, "analyst", thread, "Meanwhile.")
    assert [undo(chief, thread, 1, message="999"), undo(chief, thread, 7)] == [404, 404]
    world.later(seconds=9)
    assert f'action="{at}" data-gone-in="1"' in chief.get(f"/threads/{thread}").text
    world.later(seconds=2)
    assert f'action="{at}"' not in chief.get(f"/threads/{thread}").text
    message = world.one(Reply.__table__.select().where(Reply.position == 1)).id
    assert undo(chief, thread, 1, message=str(message)) == 303  # the way here took a second
    page = sheriff.get(f"/threads/{thread}").text
    assert "kestrelade" not in page
    assert re.findall(r'id="r(\d)"', page) == ["0", "1"]
    assert "Meanwhile." in page
    row = world.script("sheriff").call("GET", f"/threads/{thread}").json()
    assert (row["reply_count"], row["unread"]) == (1, 0)
    assert unread(world.script("moderator"), thread) == 2  # the opening message and the reply
    run_once(world.db, world.settings, world.now)
    work(world)
    assert not [mail for mail in single(world, "sheriff") if "kestrelade" in mail.as_string()]
    assert [mail.as_string().count("Meanwhile.") > 0 for mail in single(world, "analyst")] == []
    told = world.script("colleague").call("GET", "/notifications").json()["items"]
    assert [(note["position"], "Nair" in note["text"]) for note in told] == [(1, True)]
    mine = chief.get(f"/threads/{thread}").text
    assert "Said too soon: **kestrelade**.</textarea>" in mine
    again = {"body": "Said in time.", "attachments": [file]}
    assert world.script("chief").call("POST", f"/threads/{thread}/replies", again).json()["position"] == 2
    assert unread(world.script("sheriff"), thread) == 1  # in the place that they had read once
    assert "Said in time." in sheriff.get(f"/threads/{thread}").text
    assert world.count(AuditEvent, AuditEvent.verb == "reply.withdraw") == 1


def test_what_was_taken_back_is_found_no_more(world: World) -> None:  # X8
    thread = open_thread(world, "chief", title="Osprey drill")
    script = world.script("chief")
    for body in ("falkonet", "falkonet again"):
        assert script.call("POST", f"/threads/{thread}/replies", {"body": body}).status_code == 201

    def found() -> list[int]:
        return sorted(item["position"] for item in world.script("sheriff").call("GET", "/search?q=falkonet").json()["items"])

    assert found() == [1, 2]
    assert world.browser("chief").post(f"/threads/{thread}/replies/1/undo", page=f"/threads/{thread}").status_code == 303
    assert found() == [1]


def test_the_next_message_is_shown_and_not_the_one_in_whose_place_it_stands(world: World) -> None:
    thread = open_thread(world, "colleague")
    chief = world.browser("chief")
    for words in ("First try.", "Second try."):
        reply(world, "chief", thread, words)
        assert words in chief.get(f"/threads/{thread}").text.split('id="reply"')[0]
        assert undo(chief, thread, 1) == 303
        world.later(seconds=1)
    assert world.count(Reply) == 1
    assert "Second try.</textarea>" in chief.get(f"/threads/{thread}").text
    assert world.count(ReadMark, ReadMark.position > 0) == 0
    assert world.count(Job, Job.kind == "message.posted") == 1


def test_a_thread_taken_back_is_the_composers_form_again(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    record = {"problem": "Slow.", "again": "yes", "setup_weeks": 3}
    thread = open_thread(world, body="Rook words.", title="A lesson too soon", practice=record)
    chief = world.browser("chief")
    world.browser("sheriff").get(f"/threads/{thread}")
    page = chief.post(f"/threads/{thread}/replies/0/undo", {}, page=f"/threads/{thread}")
    assert "Taken back, and nobody was told of it." in page.text
    assert page.status_code == 200
    for part in ('value="A lesson too soon"', "Rook words.</textarea>", 'value="lesson" checked', "Slow.</textarea>", 'value="3"'):
        assert part in page.text, part
    assert (world.count(Thread), world.count(Reply), world.count(Job, Job.kind == "message.posted")) == (0, 0, 0)
    assert "A lesson too soon" not in world.browser("sheriff").get("/forums/patrol").text
    assert "Rook words." in chief.get("/forums/patrol/new").text  # also on another device
    masked = open_thread(world, kind="question", title="Who?", body="Without a name.", anonymous=True)
    page = chief.post(f"/threads/{masked}/replies/0/undo", {}, page=f"/threads/{masked}")
    assert re.search(r'name="anonymous" value="yes" checked', page.text)
    answered = open_thread(world, title="Answered at once")
    reply(world, "sheriff", answered, "At once.")
    stays = chief.post(f"/threads/{answered}/replies/0/undo", {}, page=f"/threads/{answered}")
    assert stays.status_code == 409
    assert "Somebody has replied" in stays.text
    assert "At once." in stays.text


def test_what_came_with_it_is_in_the_form_again(world: World) -> None:  # X8
    """Files, poll, record, subjects: in the form that opens, in the draft that another device shows, and so in what is posted then."""
    subjects(world)
    chief, script = world.browser("chief"), world.script("chief")
    file = call(script, "/attachments", {}, ("map.png", picture())).json()["id"]
    poll: dict[str, Any] = {"question": "Which?", "choices": ["One", "Two"], "by": "agency", "results": "after_close", "multiple": True}
    poll["closes_at"] = "2026-12-24T08:00:00Z"
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "question", "subjects": ["records"]},
        {"kind": "lesson", "practice": {"problem": "Slow.", "subjects": ["records"], "measured": True}},
    )
    for number, fields in enumerate(kinds):
        thread = open_thread(world, title=f"Too soon {number}", attachments=[file], poll=poll, **fields)
        shown = chief.post(f"/threads/{thread}/replies/0/undo", {}, page=f"/threads/{thread}").text
        for page in (shown, chief.get("/forums/patrol/new").text):
            assert f'name="attachments" value="{file}"><b>map.png</b>' in page
            about = "practice.subjects" if "practice" in fields else "subjects"
            chosen = [
                ("kind", fields["kind"]),
                (about, "records"),
                ("poll.multiple", "yes"),
                ("poll.by", "agency"),
                ("poll.results", "after_close"),
            ]
            for name, value in chosen:
                assert f'name="{name}" value="{value}" checked' in re.sub(r' id="[^"]*"', "", page), name
            assert all(part in page for part in ("One\nTwo</textarea>", 'name="poll.closes_on" value="2026-12-23"'))
            assert ("Slow.</textarea>" in page) is ("practice" in fields)
            assert bool(re.search(r'name="practice.measured" value="yes" checked', page)) is ("practice" in fields)
    thread = open_thread(world, "colleague")
    assert script.call("POST", f"/threads/{thread}/replies", {"body": "See the map.", "attachments": [file]}).status_code == 201
    assert script.call("PUT", f"/drafts/thread-{thread}", {"body": "Begun meanwhile.", "attachments": []}).status_code == 200
    assert undo(chief, thread, 1) == 303
    page = chief.get(f"/threads/{thread}").text
    assert "Begun meanwhile.\n\nSee the map.</textarea>" in page
    assert f'name="attachments" value="{file}"><b>map.png</b>' in page
    sent = {"body": "See the map.", "attachments": str(file)}
    assert chief.post(f"/threads/{thread}/replies", sent, page=f"/threads/{thread}").status_code == 303
    assert "map.png" in world.browser("sheriff").get(f"/threads/{thread}").text


def test_what_was_begun_since_stands_in_the_form_too_and_goes_no_farther(world: World) -> None:  # X8
    """Who sends the form that opens ends the draft: so it holds all of it."""
    thread, chief = open_thread(world, title="Sent title", body="Sent words.", marking="TLP:GREEN"), world.browser("chief")
    begun = {"title": "Begun title", "body": "Begun words.", "fields": {"marking": ["TLP:AMBER"]}}
    assert world.script("chief").call("PUT", "/drafts/forum-patrol", begun).status_code == 200
    shown = chief.post(f"/threads/{thread}/replies/0/undo", {}, page=f"/threads/{thread}").text
    for page in (shown, chief.get("/forums/patrol/new").text):
        assert 'value="Begun title"' in page
        assert "Begun words.\n\nSent title\n\nSent words.</textarea>" in page
        assert re.findall(r'name="marking" value="([^"]+)" checked', page) == ["TLP:AMBER"]


def test_what_can_no_longer_be_taken_back(world: World) -> None:
    thread = open_thread(world, "colleague")
    chief, positions = world.browser("chief"), [reply(world, "chief", thread, f"Number {n}.") for n in range(4)]
    hide(world, thread, positions[0])
    flag = {"reason": "conduct", "note": "Rude."}
    assert world.script("sheriff").call("POST", f"/threads/{thread}/replies/{positions[1]}/flags", flag).status_code == 201
    assert world.script("sheriff").call("POST", f"/threads/{thread}/replies/{positions[3]}/flags", flag).status_code == 201
    assert [undo(chief, thread, at) for at in positions] == [409, 409, 303, 404]
    assert world.one(Flag.__table__.select().where(Flag.reply_id == 5)).position == positions[2]  # its message moved up
    world.later(seconds=12)
    late = chief.post(f"/threads/{thread}/replies/3/undo", {}, page=f"/threads/{thread}")
    assert late.status_code == 409
    assert "The ten seconds are over" in late.text
    assert "Number 3." in late.text


def test_a_worker_and_its_author_at_the_same_moment(world: World) -> None:
    for round_ in range(4):
        thread = open_thread(world, "colleague", title=f"Round {round_}")
        jobs_left = world.count(Job, Job.kind == "message.posted")
        position = reply(world, "chief", thread, "At the last moment.")
        world.later(seconds=11)

        def take_back(thread: int = thread, position: int = position) -> str:
            with world.db.write() as session:
                operations.withdraw_reply(session, world.actor("chief"), thread, position)
            return "back"

        back, _ = at_once([take_back, lambda: jobs.run_due(world.db)])
        told = world.count(Notification, Notification.thread_id == thread)
        assert told == (1 if isinstance(back, Refusal) else 0)
        assert world.count(Reply, Reply.thread_id == thread) == 1 + told
        assert jobs_left >= 1


def test_nothing_that_hung_on_it_is_left_or_in_the_way(world: World) -> None:  # X8 X9 F12
    """A file, a poll, subjects, a quote, a mention, a search that found it, a round that was to come, an accepted answer."""
    subjects(world)
    agree(world, "sheriff", "records")
    matching.run(world.db, world.settings)
    saved = {"q": "falkonet", "deliver": "each"}
    assert world.script("sheriff").call("POST", "/saved-searches", saved).status_code == 201
    standing = open_thread(world, "colleague", kind="question", title="It stays", body="Its words.")
    world.later(minutes=1)
    before = hanging(world)
    quote = "Who falkonet, @Dale Okafor?\n\n> Its words."
    thread = open_thread(world, "chief", kind="question", title="Falkonet?", body=quote, subjects=["records"])
    poll = {"question": "Which?", "choices": ["One", "Two"]}
    assert world.script("chief").call("POST", f"/threads/{thread}/poll", poll).status_code == 201
    chosen = world.script("sheriff").call("GET", f"/threads/{thread}").json()["poll"]["choices"][0]["id"]
    assert world.script("sheriff").call("PUT", f"/threads/{thread}/poll/vote", {"choices": [chosen]}).status_code == 200
    said = f"A falkonet, @Dale Okafor.\n\nColleague wrote in [#0](/threads/{standing}/replies/0):\n\n> Its words."
    at = reply(world, "chief", standing, said)
    reply(world, "sheriff", standing, f"> A falkonet\n\nwrote in [#{at}](/threads/{standing}/replies/{at})")
    assert world.script("colleague").call("PUT", f"/threads/{standing}/answer", {"position": at}).status_code == 200
    world.later(seconds=10)
    run_once(world.db, world.settings, world.now)  # a worker comes by, and nothing is told yet
    chief = world.browser("chief")
    assert undo(chief, standing, at) == 303
    assert undo(chief, thread, 0) == 200
    for later in ({"minutes": 2}, {"days": 3}, {"days": 14}):
        world.later(**later)
        run_once(world.db, world.settings, world.now)
    after = hanging(world)
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == {"replies": 1, "search_docs": 1}
    told = world.script("sheriff").call("GET", "/notifications").json()["items"]
    assert [note for note in told if note["kind"] in ("search", "mention", "asked")] == []
    assert world.script("chief").call("GET", f"/threads/{standing}").json()["answer_position"] is None
    assert world.browser("sheriff").get(f"/threads/{standing}").status_code == 200


def hanging(world: World) -> dict[str, int]:
    """How many rows there are in each table whose rows are of threads and messages."""
    of = ("threads", "replies", "polls", "subjects")
    tables = {t.name for t in metadata.sorted_tables if t.name in of or any(key.column.table.name in of for key in t.foreign_keys)}
    mine = {"read_marks", "drafts", "notifications", "mailed_at_once", "question_courses"}  # of the thread that is still there
    return {table: len(rows) for table, rows in world.all_rows().items() if table in (tables | {"search_docs"}) - mine}
