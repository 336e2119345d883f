"""Polls: one a thread, one vote a member or an agency, results when they may be seen, and nobody sees who chose what."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from app.core.audit import AuditEvent
from app.core.errors import Refusal
from app.forum.models import Forum
from app.forum.polls import operations
from app.forum.polls.models import Poll, PollVote
from app.membership.models import Member
from tests.forum.steps import hide, open_thread
from tests.mail.helpers import change
from tests.races import at_once
from tests.world import World

ASKED = {"question": "Which cameras?", "choices": ["Axiom", "Bexcam", "None"]}


def put(world: World, who: str, thread: int, *choices: int) -> Any:
    return world.script(who).call("PUT", f"/threads/{thread}/poll/vote", {"choices": list(choices)})


def seen(world: World, who: str, thread: int) -> Any:
    return world.script(who).call("GET", f"/threads/{thread}").json()["poll"]


def votes(poll: Any) -> list[int | None]:
    return [choice["votes"] for choice in poll["choices"]]


def test_a_poll_by_member_from_question_to_results(world: World) -> None:
    thread = open_thread(world, "chief", kind="discussion")
    at = f"/threads/{thread}/poll"
    assert seen(world, "chief", thread) is None
    for who, status in (("sheriff", 403), ("moderator", 403), ("vendor", 404), ("retired", 403)):
        assert world.script(who).call("POST", at, ASKED).status_code == status, who
    chief = world.script("chief")
    past, far = (world.now - dt.timedelta(hours=1)).isoformat(), (world.now + dt.timedelta(days=400)).isoformat()
    for wrong, field in (
        ({"choices": ["One"]}, "choices"), ({"choices": ["One", "one"]}, "choices"), ({"question": " "}, "question"),
        ({"by": "rank"}, "by"),
        ({"closes_at": past}, "closes_at"), ({"closes_at": far}, "closes_at"), ({"results": "after_close"}, "closes_at"),
    ):  # fmt: skip
        refused = chief.call("POST", at, {**ASKED, **wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), wrong
    closes = world.now + dt.timedelta(days=3)
    made = chief.call("POST", at, {**ASKED, "closes_at": closes.isoformat()})
    assert (made.status_code, chief.call("POST", at, ASKED).status_code) == (201, 409)
    one, two, three = (choice["id"] for choice in made.json()["choices"])
    assert (votes(made.json()), made.json()["my_choices"], made.json()["multiple"]) == ([None] * 3, [], False)
    assert put(world, "sheriff", thread, one).json()["choices"][0]["votes"] == 1  # who has voted sees results
    assert votes(seen(world, "colleague", thread)) == [None] * 3  # who has not, does not
    assert [put(world, "sheriff", thread, *some).status_code for some in ((one, two), (999,))] == [422, 422]
    assert votes(put(world, "sheriff", thread, two).json()) == [0, 1, 0]  # changed, and not counted twice
    assert put(world, "vendor", thread, one).status_code == 404
    assert put(world, "retired", thread, one).status_code == 403  # reads there, and can't write
    assert votes(put(world, "chief", thread, two).json()) == [0, 2, 0]
    assert votes(put(world, "chief", thread).json()) == [None] * 3  # taken back
    page = world.browser("colleague").get(f"/threads/{thread}").text
    assert re.findall(r'name="choices" value="(\d+)"', page) == [str(one), str(two), str(three)]
    assert "1 vote" not in page
    browser = world.browser("colleague")
    assert browser.post(f"{at}/vote", {"choices": str(one)}, page=f"/threads/{thread}").status_code == 303
    page = browser.get(f"/threads/{thread}").text
    assert re.findall(r"<b>(\d votes?)</b>", page) == ["1 vote", "1 vote", "0 votes"]
    assert "2 members voted. Nobody sees who chose what." in page
    assert "Okafor" not in page.split('id="poll"')[1].split("</section>")[0]
    both = browser.post(f"{at}/vote", [("choices", str(one)), ("choices", str(two))], page=f"/threads/{thread}")
    assert both.status_code == 422
    assert "Please choose one." in both.text
    world.later(days=3)
    assert put(world, "colleague", thread, two).status_code == 409
    for who in ("analyst", "retired"):  # closed: all who read the thread see it
        assert (votes(seen(world, who, thread)), seen(world, who, thread)["closed"]) == ([1, 1, 0], True)
    hide(world, thread, 0)
    assert seen(world, "analyst", thread) is None
    with world.db.read() as conn:
        logged = conn.execute(AuditEvent.__table__.select().where(AuditEvent.verb == "poll.vote")).all()
    assert [row.detail for row in logged] == ["{}"] * 5  # that they voted, and not what


def test_a_poll_by_agency_counts_its_last_word_and_closes_early(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    asked = {
        **ASKED,
        "by": "agency",
        "multiple": True,
        "results": "after_close",
        "closes_at": (world.now + dt.timedelta(days=9)).isoformat(),
    }
    thread = open_thread(world, "sheriff", kind="question", title="Cameras?", anonymous=True, poll=asked)
    poll = seen(world, "chief", thread)
    one, two, three = (choice["id"] for choice in poll["choices"])
    assert put(world, "chief", thread, one).json()["my_choices"] == [one]
    assert put(world, "colleague", thread, two, three).json()["my_choices"] == [two, three]
    assert seen(world, "chief", thread)["my_choices"] == [two, three]  # the agency's word, and not who said so
    assert votes(seen(world, "chief", thread)) == [None] * 3
    assert put(world, "sheriff", thread, three).status_code == 200
    assert put(world, "reviewer1", thread, three).status_code == 403  # speaks for no agency
    assert world.script("sheriff").call("POST", f"/threads/{thread}/poll/close").status_code == 403
    moderator = world.browser("moderator")
    assert moderator.post(f"/threads/{thread}/poll/close", {}, page=f"/threads/{thread}").status_code == 303
    assert votes(seen(world, "analyst", thread)) == [0, 1, 2]
    assert seen(world, "analyst", thread)["voters"] == 2
    assert "2 agencies voted" in world.browser("analyst").get(f"/threads/{thread}").text
    assert put(world, "chief", thread, one).status_code == 409
    assert "Okafor" not in "".join(row for row in world.all_rows()["audit_events"] if "poll.make" in row)
    with world.db.write() as session:  # the two agencies were one, written down twice: of two votes the one that stays
        assert operations.merge(session, world.ids.agencies["alderwood"], world.ids.agencies["bexley"]) == 0
    assert votes(seen(world, "analyst", thread)) == [0, 0, 1]


def test_the_composer_takes_a_poll_and_gives_it_back(world: World) -> None:
    chief, at = world.browser("chief"), "/forums/patrol/new"
    fields = {
        "kind": "discussion", "title": "Cameras", "body": "See below.", "marking": "TLP:GREEN", "poll.question": "Which?",
        "poll.choices": "One\r\n\r\nTwo", "poll.by": "member", "poll.results": "after_vote", "poll.closes_on": "2026-12-01",
    }  # fmt: skip
    wrong = chief.post(at, {**fields, "poll.choices": "One"}, page=at)
    assert wrong.status_code == 422
    assert "2 to 20 choices" in wrong.text
    assert 'value="Which?"' in wrong.text
    done = chief.post(at, fields, page=at)
    thread = int(re.findall(r"/threads/(\d+)", done.headers["location"])[0])
    assert world.one(Poll.__table__.select()).closes_at == dt.datetime(2026, 12, 2, 8, tzinfo=dt.UTC)  # the day's end in Los Angeles
    back = chief.post(f"/threads/{thread}/replies/0/undo", {}, page=f"/threads/{thread}").text
    for part in ('value="Which?"', "One\nTwo</textarea>", 'value="2026-12-01"'):
        assert part in back
    assert world.count(Poll) == 0
    later = open_thread(world, "chief", kind="discussion")
    assert f'href="/threads/{later}/poll"' in chief.get(f"/threads/{later}").text
    form = {"question": "Which?", "choices": "One\nTwo", "by": "member", "results": "after_vote"}
    assert chief.post(f"/threads/{later}/poll", form, page=f"/threads/{later}/poll").status_code == 303
    assert chief.get(f"/threads/{later}/poll").status_code == 409


def test_votes_of_one_agency_at_the_same_moment_are_one(world: World) -> None:
    thread = open_thread(world, "sheriff", kind="discussion", poll={**ASKED, "by": "agency"})
    ids = [choice["id"] for choice in seen(world, "sheriff", thread)["choices"]]
    change(world, Member, Member.id == world.id("analyst"), agency_id=world.ids.agencies["alderwood"])
    voters = [(world.actor(who), choice) for who, choice in zip(("chief", "colleague", "analyst"), ids, strict=True)]

    def act(actor: Any, choice: int) -> None:
        with world.db.write() as session:
            operations.vote(session, actor, thread, [choice])

    for _ in range(3):
        done = at_once([lambda a=actor, c=choice: act(a, c) for actor, choice in voters])
        assert not any(isinstance(one, Refusal) for one in done)
        assert world.count(PollVote) == 1
