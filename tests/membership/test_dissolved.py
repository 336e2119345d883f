"""An agency is dissolved: its members are asked at once, and nobody is confirmed as a member of nothing (V11)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app.accounts.addresses.models import AccountAddress
from app.core.audit import AuditEvent
from app.membership.models import Member
from app.membership.staying.models import Confirmation
from tests.agencies.test_history import send
from tests.membership.cases import text_of
from tests.membership.test_leaving import leave
from tests.membership.test_staying import change, daily_pass, letters, standing
from tests.membership.test_verify import asked, confirm, mailed_link, with_domain
from tests.people import CAST
from tests.world import Client, World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
HOME = "ellen@home.example"


def dissolve(world: World, key: str = "alderwood") -> None:
    assert send(world, key, "dissolve", dissolved_on="2026-06-30", successor="CS0020000", why="The county took over").status_code == 303


def is_open(client: Client) -> bool:
    return client.get("/forums").status_code == 200


def settle(world: World, key: str, verdict: str = "renew") -> httpx.Response:
    answer = world.one(select(Confirmation.id).where(Confirmation.member_id == world.id(key), Confirmation.state == "waiting")).id
    page = f"/moderation/renewals/{answer}"
    return world.browser("reviewer1").post(page, {"verdict": verdict, "note": "Asked the county."}, page=page)


def test_all_who_work_there_are_asked_at_once(world: World) -> None:  # V11
    daily_pass(world)
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("chief"), email=HOME, confirmed_at=world.now))
    people = {key: world.browser(key) for key in ("chief", "colleague", "retired", "sheriff")}
    assert all(is_open(client) for client in people.values())
    dissolve(world)
    assert [key for key, client in people.items() if is_open(client)] == ["retired", "sheriff"]
    assert people["chief"].get("/forums").headers["location"] == "/verify?next=%2Fforums"
    assert "stands in our records as dissolved" in people["chief"].get("/verify").text
    found = standing(world, "chief")
    assert (found.status, found.confirm_first, found.verify_by) == ("active", "dissolved", dt.date(2026, 12, 7))
    for address in (CAST["chief"].email, HOME, CAST["colleague"].email):
        told = letters(world, address)[-1]
        assert told["Subject"] == "Please tell us by December 7, 2026 where you work now"
        assert "your sign-in opens one page" in " ".join(text_of(told).split())
    assert letters(world, CAST["retired"].email) == letters(world, CAST["sheriff"].email) == []
    behind = world.browser("reviewer1").get("/moderation/renewals").text
    assert behind.count("Their agency is dissolved.") == 2
    assert world.count(AuditEvent, AuditEvent.verb == "member.agency_dissolved", AuditEvent.actor_id == world.id("admin")) == 2


def test_nothing_that_the_agency_left_speaks_for_them_and_a_reviewer_confirms_nobody_there(world: World) -> None:  # V11
    with_domain(world, "alderwood")
    asked(world, "chief", "colleague")
    assert confirm(world.browser("colleague"), mailed_link(world, "colleague")).headers["location"].endswith("membership-confirmed")
    link = mailed_link(world, "chief")  # the same signal, before and after
    dissolve(world)
    chief = world.browser("chief")
    assert confirm(chief, link).headers["location"] == "/verify?said=membership-waits"
    refused = settle(world, "chief")
    assert (refused.status_code, "Their agency is dissolved." in refused.text) == (422, True)
    assert not is_open(chief)
    leave(world, "chief", "retired")
    assert settle(world, "chief").status_code == 303
    assert is_open(world.browser("chief"))
    assert standing(world, "chief").confirm_first == ""


@ONE_ENGINE
def test_who_does_not_answer_is_asked_out_like_everybody(world: World) -> None:  # V11
    daily_pass(world)
    dissolve(world)
    for _ in range(80):
        world.later(days=1)
        daily_pass(world)
    assert standing(world, "chief").status == "suspended"


@ONE_ENGINE
def test_a_mistake_is_taken_back(world: World) -> None:
    daily_pass(world)
    change(world, "colleague", confirm_first="bounce")
    dissolve(world)
    assert standing(world, "colleague").confirm_first == "bounce"  # this had a reason of its own
    assert send(world, "alderwood", "revive", why="It was another one").status_code == 303
    daily_pass(world)
    chief = standing(world, "chief")
    assert (chief.confirm_first, chief.verify_on is not None, chief.quiet_on is not None) == ("", True, True)
    assert is_open(world.browser("chief"))
    assert standing(world, "colleague").confirm_first == "bounce"


@ONE_ENGINE
def test_the_last_administrator_goes_on_and_is_asked_all_the_same(world: World) -> None:  # V11 L6
    with world.db.write() as session:
        values: dict[str, Any] = {"agency_id": world.ids.agencies["alderwood"], "member_class": "sworn"}
        session.execute(update(Member).where(Member.id == world.id("admin")).values(**values))
    dissolve(world)
    assert is_open(world.browser("admin"))
    assert "your sign-in opens one page" not in " ".join(text_of(letters(world, CAST["admin"].email)[-1]).split())
    assert standing(world, "admin").verify_by == dt.date(2026, 12, 7)
