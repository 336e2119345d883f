"""Forty hands reach for one case at once: one holds it, and every other is told so."""

from __future__ import annotations

import html
from functools import partial

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.membership.models import Application, MemberRole, Role
from tests.membership.cases import REVIEW, act, submitted, version_of
from tests.people import CAST
from tests.races import at_once
from tests.world import ORIGIN, Client, World

REVIEWERS = ("reviewer1", "reviewer2", "chief", "colleague", "sheriff", "analyst", "moderator", "other_moderator")
HANDS = 5  # of each: two tabs, a telephone, a script
CHANGED = "Somebody changed this case while you had it open."


@pytest.fixture
def case(world: World) -> int:
    with world.db.write() as session:
        session.add_all(MemberRole(member_id=world.id(key), role=Role.REVIEWER) for key in REVIEWERS[2:])
    return submitted(world)


def holder(world: World, case: int) -> str:
    row = world.one(select(Application.claimed_by, Application.claimed_until).where(Application.id == case))
    assert row.claimed_until > world.now
    return next(key for key, number in world.ids.members.items() if number == row.claimed_by)


def claims(world: World, case: int) -> int:
    return world.count(AuditEvent, AuditEvent.verb == "application.claim", AuditEvent.subject_id == case)


def test_of_forty_claims_by_script_one_holds(world: World, case: int) -> None:  # L6
    scripts = [(key, world.script(key, REVIEW)) for key in REVIEWERS * HANDS]
    body = {"version": version_of(world, case)}
    answers = at_once([partial(script.call, "POST", f"/applications/{case}/claim", body) for _, script in scripts])
    won = [key for (key, _), answer in zip(scripts, answers, strict=True) if answer.status_code == 200]
    assert won == [holder(world, case)]
    lost = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in lost} == {409}
    assert all(CHANGED in answer.json()["detail"] for answer in lost)
    assert claims(world, case) == 1
    # Who looks again, with the version of the moment, is told why they can't have it.
    other = next(key for key in REVIEWERS if key != won[0])
    again = act(world, other, case, "claim")
    assert (again.status_code, again.json()["detail"]) == (409, "Another reviewer is working on this case and decides first.")
    assert holder(world, case) == won[0]


def pressed(world: World, browser: Client, case: int, csrf: str, version: int) -> tuple[int, str]:
    body = f"csrf={csrf}&version={version}"
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN}
    answer = browser.request("POST", f"/moderation/applications/{case}/claim", content=body, headers=headers)
    return answer.status_code, html.unescape(answer.text)


def test_of_forty_who_press_claim_one_holds_and_the_others_see_who(world: World, case: int) -> None:  # L6
    browsers = [(key, world.browser(key)) for key in REVIEWERS * HANDS]
    path, version = f"/moderation/applications/{case}", version_of(world, case)
    tokens = [browser.csrf(path) for _, browser in browsers]
    presses = [partial(pressed, world, browser, case, csrf, version) for (_, browser), csrf in zip(browsers, tokens, strict=True)]
    answers = at_once(presses)
    won = [key for (key, _), (status, _) in zip(browsers, answers, strict=True) if status == 303]
    assert won == [holder(world, case)]
    lost = [text for status, text in answers if status == 409]
    assert len(lost) == len(answers) - 1
    assert all(CHANGED in text and f'action="{path}/' in text for text in lost), "told on the page of the case"
    assert claims(world, case) == 1
    shown = next(browser for key, browser in browsers if key != won[0]).get(path).text
    assert f"{CAST[won[0]].name} has it until" in html.unescape(shown)
