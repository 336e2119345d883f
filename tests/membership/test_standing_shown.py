"""Where members stand, as they and administrators see it; who may ask to come back, and what the doctor says of an unconfirmed one."""

from __future__ import annotations

import datetime as dt

import pytest

from app.commands.doctoring import _people
from tests.accounts.person import person
from tests.membership.cases import decide
from tests.membership.test_leaving import leave
from tests.membership.test_returning import ASK, at_the_door, case_of
from tests.membership.test_staying import change, daily_pass, standing
from tests.people import CAST
from tests.world import World

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_members_and_administrators_see_the_dates(world: World) -> None:  # V11
    daily_pass(world)
    page = world.browser("sheriff").get("/settings/profile").text
    assert "Nothing is asked of you before <b>October 31, 2027</b>" in page
    assert 'href="/verify">Tell us of a change' in page
    admin, there = world.browser("admin"), f"/admin/members/{world.id('sheriff')}"
    assert "Confirmed. Asked again by October 31, 2027." in admin.get(there).text
    change(world, "sheriff", verify_stage=1)
    assert 'href="/verify">Confirm your membership' in world.browser("sheriff").get("/settings/profile").text
    assert "Asked to confirm by October 31, 2027." in admin.get(there).text


def test_who_moved_comes_back_through_reviewers(world: World) -> None:  # V11 V1
    who = person(world, "sheriff")
    assert leave(world, "sheriff", "moved").status_code == 200
    world.later(minutes=1)
    client = at_the_door(who)
    assert "You moved to another agency" in client.get("/return").text
    assert client.post("/return", ASK, page="/return").status_code == 303
    for reviewer in ("reviewer1", "reviewer2"):
        assert decide(world, reviewer, case_of(world)).status_code == 201
    found = standing(world, "sheriff")
    assert (found.status, found.left_as, found.way_back) == ("active", "", False)


def test_who_was_removed_does_not(world: World) -> None:  # V11
    who = person(world, "sheriff")
    assert who.show_password(world.outsider()).headers["location"] == "/sign-in/factor"
    assert leave(world, "sheriff", "removed").status_code == 200
    assert who.show_password(world.outsider()).status_code == 422


def test_an_administrator_says_whether_a_suspended_member_may_ask(world: World) -> None:  # V11
    admin, there = world.browser("admin"), f"/admin/members/{world.id('sheriff')}"
    form = {"status": "suspended", "reason": "A complaint.", "may_return": "yes", "version": str(standing(world, "sheriff").version)}
    asked = admin.post(f"{there}/status", form, page=there)
    assert "They may sign in for one thing" in asked.text
    assert 'name="may_return" value="yes"' in asked.text
    assert admin.post(f"{there}/status", form | {"confirmed": "yes"}, page=there).status_code == 303
    assert standing(world, "sheriff").way_back
    assert "They can ask to come back." in admin.get(there).text


def test_the_doctor_names_an_only_administrator_who_has_not_confirmed(world: World) -> None:  # V11 L6
    assert _people(world.db).state == "well"
    change(world, "admin", verify_stage=4, verify_by=dt.date(2026, 11, 1))
    found = _people(world.db)
    assert found.state == "look"
    assert "the only administrator has not confirmed" in found.said
    assert CAST["admin"].name not in found.said
