"""Reports: CJI goes out of view at once, moderators of that forum decide, and whoever reported hears of it (R10)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.core import jobs
from app.core.audit import AuditEvent
from app.forum.models import Forum, Reply
from app.moderation.flags.models import Flag
from tests.forum.steps import open_thread, reply
from tests.mail.helpers import SLOT, digests, mails, whole
from tests.mail.test_at_once import single, subscribe, work
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import World

MODERATE = "read,write,moderate"
CJI = {"reason": "cji", "note": "Names a suspect."}


@pytest.fixture
def thread(world: World) -> int:
    number = open_thread(world, "chief", title="Osprey drill")
    reply(world, "sheriff", number, "The suspect is falkonet.")
    return number


def flag(world: World, who: str, thread: int, position: int = 1, **fields: object) -> int:
    answer = world.script(who).call("POST", f"/threads/{thread}/replies/{position}/flags", {**CJI, **fields})
    return int(answer.json()["id"]) if answer.status_code == 201 else answer.status_code


def resolve(world: World, who: str, number: int, resolution: str, reason: str = "As the rules say.") -> int:
    body = {"resolution": resolution, "reason": reason}
    return world.script(who, MODERATE).call("POST", f"/flags/{number}/resolution", body).status_code


def shown(world: World, thread: int, who: str = "analyst") -> bool:
    return "falkonet" in world.browser(who).get(f"/threads/{thread}").text


def test_a_report_of_cji_takes_the_message_out_of_view_and_of_unsent_mail_at_once(world: World, thread: int) -> None:  # R10
    subscribe(world, "analyst")
    reply(world, "sheriff", thread, "And merganetta.")
    jobs.run_due(world.db)  # the mails are made, and wait
    assert shown(world, thread)
    assert flag(world, "colleague", thread, 1) < 100
    assert flag(world, "colleague", thread, 2) < 100
    assert not shown(world, thread)
    work(world)
    assert not [mail for mail in single(world, "analyst") if "merganetta" in whole(mail)]
    world.now = SLOT
    digests(world)
    texts = [whole(mail) for mail in mails(world, "moderator")]
    assert any("Osprey drill" in text for text in texts)
    assert not any("falkonet" in text or "merganetta" in text for text in texts)
    assert world.count(Reply, Reply.body.contains("falkonet")) == 1  # kept for the record
    assert world.count(AuditEvent, AuditEvent.verb == "flag.make") == 2


def test_of_an_opening_message_the_title_goes_too_and_comes_back(world: World, thread: int) -> None:  # R10
    number = flag(world, "colleague", thread, 0)
    assert "Osprey drill" not in world.browser("analyst").get("/forums/patrol").text
    assert resolve(world, "moderator", number, "dismiss") == 200
    assert "Osprey drill" in world.browser("analyst").get("/forums/patrol").text


def test_the_forum_s_moderators_are_told_and_decide_and_nobody_else(world: World, thread: int) -> None:
    number = flag(world, "colleague", thread)
    told = [text_of(letter) for letter in letters(world, CAST["moderator"].email)]
    assert len(told) == 1
    assert "/moderation/flags" in told[0]
    assert "falkonet" not in told[0]
    assert "Osprey" not in told[0]
    assert letters(world, CAST["other_moderator"].email) == []
    assert [world.browser(who).get("/moderation/flags").status_code for who in ("colleague", "vendor", "admin")] == [404] * 3
    page = world.browser("moderator").get("/moderation/flags").text
    assert ("Out of view" in page, CAST["colleague"].name in page, "Names a suspect." in page) == (True, True, True)
    assert "Osprey drill" not in world.browser("other_moderator").get("/moderation/flags").text
    assert [resolve(world, who, number, "dismiss") for who in ("colleague", "other_moderator", "admin")] == [404] * 3
    assert not shown(world, thread)
    assert resolve(world, "moderator", number, "dismiss") == 200
    assert shown(world, thread)
    assert resolve(world, "moderator", number, "hide") == 409
    assert [str(letter["Subject"]) for letter in letters(world, CAST["colleague"].email)] == ["The message that you reported stays"]
    assert letters(world, CAST["sheriff"].email) == []  # its author is told by the thread alone


def test_one_decision_answers_every_report_of_a_message(world: World, thread: int) -> None:
    numbers = [flag(world, who, thread, reason="conduct") for who in ("colleague", "analyst", "chief")]
    assert shown(world, thread)  # only CJI goes unseen
    browser = world.browser("moderator")
    fields = {"resolution": "hide", "reason": "An insult."}
    assert browser.post(f"/moderation/flags/{numbers[1]}", {**fields, "reason": " "}, page="/moderation/flags").status_code == 422
    assert browser.post(f"/moderation/flags/{numbers[1]}", fields, page="/moderation/flags").status_code == 303
    assert not shown(world, thread)
    assert "An insult." in world.browser("analyst").get(f"/threads/{thread}").text
    with world.db.read() as conn:
        assert list(conn.execute(select(Flag.state).order_by(Flag.id)).scalars()) == ["hidden"] * 3
    assert "No report waits" in browser.get("/moderation/flags").text


def test_what_can_not_be_reported(world: World, thread: int) -> None:
    assert flag(world, "sheriff", thread) == 403  # one's own
    assert flag(world, "vendor", thread) == 404
    assert flag(world, "colleague", thread, 9) == 404
    assert flag(world, "colleague", thread, reason="because") == 422
    assert flag(world, "colleague", thread) < 100
    assert flag(world, "colleague", thread) == 409  # once
    for n in range(2, 6):
        reply(world, "sheriff", thread, f"Words {n}.")
        assert flag(world, "colleague", thread, n) < 100
    reply(world, "sheriff", thread, "The sixth.")
    assert flag(world, "colleague", thread, 6) == 429
    assert flag(world, "colleague", thread, 6, reason="conduct") < 100


def test_the_queue_and_the_log_keep_a_mask_on(world: World) -> None:
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    made = world.script("sheriff").call(
        "POST", "/forums/patrol/threads", {"kind": "question", "title": "Asked so", "body": "Words.", "anonymous": True}
    )
    thread = int(made.json()["id"])
    flag(world, "colleague", thread, 0, reason="conduct")
    page = world.browser("moderator").get("/moderation/flags").text
    assert ("Asked so" in page, CAST["sheriff"].name in page) == (True, False)
    assert flag(world, "sheriff", thread, 0) == 403  # the asker's own


def test_a_person_reports_from_the_page(world: World, thread: int) -> None:
    browser, path = world.browser("colleague"), f"/threads/{thread}/replies/1/flag"
    assert path in browser.get(f"/threads/{thread}").text
    empty = browser.post(path, {"note": "Look at this."}, page=path)
    assert (empty.status_code, "Look at this." in empty.text) == (422, True)
    assert browser.post(path, {"reason": "cji"}, page=path).status_code == 303
    assert "Reports" in world.browser("moderator").get("/").text
    assert not shown(world, thread)
