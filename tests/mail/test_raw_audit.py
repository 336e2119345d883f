"""The raw message that came in: its author's, and the audit's by a look that is recorded; nobody else's (M9)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.mail.inbound.models import InboundMessage
from app.mail.inbound.models import InboundState as State
from tests.forum.steps import open_thread
from tests.mail.letters import answer_address, bring, letter, notices
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

ME = CAST["sheriff"].email
LIST = "/admin/mail/received"
WHY = {"reason": "A complaint about a forged answer"}


@pytest.fixture
def number(world: World) -> int:
    """A message of the sheriff's, whose quote and markup nobody else has seen."""
    subscribe(world, "sheriff")
    open_thread(world, "chief", title="Osprey drill")
    work(world)
    to = answer_address(world, "sheriff")
    bring(world, letter("sheriff", to, "An answer.\n\n> canary-quote <script>alert(1)</script>\n", Subject="Re: canary-subject"), to, ME)
    return int(world.one(select(InboundMessage.id)).id)


@pytest.fixture
def page(number: int) -> str:
    return f"{LIST}/{number}"


def views(world: World) -> list[Any]:
    with world.db.read() as conn:
        return list(conn.execute(select(AuditEvent).where(AuditEvent.verb == "inbound.view").order_by(AuditEvent.id)).all())


def test_each_look_of_the_audit_is_logged_and_told_and_what_it_gets_can_not_run(world: World, page: str, number: int) -> None:  # M9
    admin = world.browser("admin")
    told = len(notices(world, "sheriff"))
    for _ in range(2):
        answer = admin.post(f"{page}/raw", WHY, page=page)
        assert answer.status_code == 200
    assert b"canary-quote <script>" in answer.content
    assert answer.content == world.browser("sheriff").get(f"/settings/mail/received/{number}/raw").content
    head = answer.headers
    assert (head["content-type"], head["x-content-type-options"]) == ("text/plain; charset=utf-8", "nosniff")
    assert head["content-disposition"].startswith("attachment;")
    assert (head["cache-control"], head["content-security-policy"]) == ("no-store", "sandbox; default-src 'none'")
    assert [(row.actor_id, row.subject_id) for row in views(world)] == [(world.id("admin"), number)] * 2
    detail = views(world)[0].detail
    assert json.loads(detail)["reason"] == WHY["reason"]
    assert "canary" not in detail
    [said] = notices(world, "sheriff")[: len(notices(world, "sheriff")) - told]  # once a day
    assert "Ray Fontaine read a message that you sent by mail" in said
    assert "complaint" not in said


def test_nobody_else_gets_it_and_the_look_is_not_logged(world: World, page: str, number: int) -> None:  # M9
    for key in ("chief", "colleague", "moderator", "reviewer1", "sheriff"):
        other = world.browser(key)
        assert [other.get(path).status_code for path in (LIST, page, f"{page}/raw")] == [404] * 3, key
        assert other.post(f"{page}/raw", WHY, page="/settings/mail").status_code == 404, key
        own = other.get(f"/settings/mail/received/{number}/raw")
        assert (own.status_code, b"canary" in own.content) == ((200, True) if key == "sheriff" else (404, False)), key
    assert world.browser("admin").get(f"/settings/mail/received/{number}/raw").status_code == 404  # not past the log
    assert views(world) == []


def test_the_pages_of_the_audit_show_no_word_of_it(world: World, page: str) -> None:  # M9
    admin = world.browser("admin")
    for path in (LIST, page):
        shown = admin.get(path).text
        assert "canary" not in shown
        assert ME in shown
        assert "Posted" in shown
    assert f'href="{LIST}"' in admin.get("/admin/mail").text


def test_a_look_takes_a_reason_and_a_fresh_second_factor(world: World, page: str) -> None:  # M9
    answer = world.browser("admin").post(f"{page}/raw", {"reason": "  "}, page=page)
    assert answer.status_code == 422
    assert "canary" not in answer.text
    stale = world.browser("admin", stepped_up=False).post(f"{page}/raw", WHY, page=page)
    assert stale.headers["location"].startswith("/step-up")
    assert views(world) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_list_goes_on_page_by_page_at_one_cost(world: World) -> None:
    def put(count: int) -> None:
        with world.db.write() as session:
            n = world.count(InboundMessage)
            for k in range(n, n + count):
                session.add(InboundMessage(received_at=world.now, recipient=f"forum+{k}@localhost", print=str(k).encode(), raw=b"",
                                           size=1, state=State.RECEIVED, cut=[]))  # fmt: skip

    admin = world.browser("admin")
    costs = []
    for more in (1, 34):
        put(more)
        admin.get(LIST)
        with world.count_queries() as queries:
            first = admin.get(LIST).text
        costs.append(queries.count)
    assert costs[0] == costs[1]
    following = first.split(f'href="{LIST}?before=')[1].split('"')[0]
    second = admin.get(f"{LIST}?before={following}").text
    assert [page.count('<li id="message-') for page in (first, second)] == [30, 5]
