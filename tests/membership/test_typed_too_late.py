"""Whoever wrote while a case was closed, or taken up by another, gets their words back: the form is gone, and they are not."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.core import jobs
from tests.membership.cases import CALL, act, decide, submitted, version_of
from tests.membership.test_call_back import applied
from tests.membership.test_returning import ASK, at_the_door, case_of, left_behind
from tests.world import ORIGIN, Client, World

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WORDS = "The chief confirms it, and <b>two</b> colleagues do."
SHOWN = "The chief confirms it, and &lt;b&gt;two&lt;/b&gt; colleagues do."


def sent_after(client: Client, page: str, path: str, values: dict[str, str], meanwhile: Callable[[], object]) -> httpx.Response:
    """What was typed on a page that was opened before."""
    token = client.csrf(page)
    meanwhile()
    return client.request("POST", path, data=values | {"csrf": token}, headers={"origin": ORIGIN})


@pytest.mark.parametrize(
    ("what", "values"),
    [("decisions", {"verdict": "approve", "reason": WORDS}), ("notes", {"text": WORDS}), ("questions", {"text": WORDS}),
     ("call-backs", CALL | {"found_at": WORDS}), ("evidence", {"kind": "letter", "note": WORDS})],
)  # fmt: skip
def test_a_reviewer_whose_case_another_has_closed(world: World, what: str, values: dict[str, str]) -> None:
    case = submitted(world)
    page, version = f"/moderation/applications/{case}", str(version_of(world, case))
    browser = world.browser("reviewer1")
    answer = sent_after(browser, page, f"{page}/{what}", values | {"version": version}, lambda: decide(world, "reviewer2", case, "decline"))
    assert (answer.status_code, answer.text.count(SHOWN)) == (409, 1)
    assert "What you wrote" not in browser.get(page).text


def test_a_reviewer_whose_case_another_has_claimed(world: World) -> None:
    case = submitted(world)
    page, values = f"/moderation/applications/{case}", {"verdict": "approve", "reason": WORDS, "version": str(version_of(world, case))}
    claim = lambda: act(world, "reviewer2", case, "claim")  # noqa: E731
    answer = sent_after(world.browser("reviewer1"), page, f"{page}/decisions", values, claim)
    assert (answer.status_code, answer.text.count(SHOWN)) == (409, 1)


@pytest.mark.parametrize(("what", "name"), [("answer", "answer"), ("evidence", "note")])
def test_an_applicant_whose_case_has_lapsed(world: World, what: str, name: str) -> None:
    client, link, case = applied(world)
    act(world, "reviewer1", case, "questions", text="Which unit?")
    world.later(days=29)
    token = client.csrf(link)
    world.later(days=2)
    jobs.run_due(world.db)
    answer = client.request("POST", f"{link}/{what}", data={name: WORDS, "csrf": token}, headers={"origin": ORIGIN})
    assert (answer.status_code, answer.text.count(SHOWN)) == (409, 1)


def test_a_member_whose_request_to_return_was_decided(world: World) -> None:
    client = at_the_door(left_behind(world))
    client.post("/return", ASK, page="/return")
    case = case_of(world)
    act(world, "reviewer1", case, "questions", text="Which agency?")
    decline = lambda: decide(world, "reviewer1", case, "decline")  # noqa: E731
    answer = sent_after(client, "/return", "/return/answer", {"answer": WORDS}, decline)
    assert (answer.status_code, answer.text.count(SHOWN)) == (409, 1)
