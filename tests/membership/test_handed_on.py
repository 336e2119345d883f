"""Identifiers are not used again: a left member's address goes to nobody else within a year, and what they were never does (V11)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account
from app.core.audit import AuditEvent
from app.membership.alike.keys import may_be_one
from app.membership.models import Application, Member
from tests.membership.cases import act, decide, letters, make_ready, state_of, submitted, text_of
from tests.membership.test_again import ADDRESS, duplicate, leave
from tests.membership.test_leaving import a_thread
from tests.people import CAST
from tests.world import World

OTHER = {"email": ADDRESS, "name": "Dana Quill", "rank": "Sergeant", "phone": "360-555-0171"}


def approve(world: World, number: int) -> list[int]:
    make_ready(world, number)
    body = {"verdict": "approve", "reason": "Reached by phone."}
    return [act(world, key, number, "decisions", **body).status_code for key in ("reviewer1", "reviewer2")]


def holder(world: World, address: str = ADDRESS) -> int:
    return int(world.one(select(AccountAddress.account_id).where(AccountAddress.email == address)).account_id)


def test_within_a_year_another_person_does_not_get_it_and_reviewers_see_why(world: World) -> None:  # V11
    leave(world)
    world.later(days=364)
    number = submitted(world, **OTHER)
    assert "left less than a year ago: separated. This is another name." in duplicate(world, number)
    page = world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    assert "The address was that of Tom Reyes, who was a member and left. Nobody else gets it before Nov 23, 2027" in page
    make_ready(world, number)
    refused = act(world, "reviewer1", number, "decisions", verdict="approve", reason="Reached by phone.")
    assert (refused.status_code, "Nobody else gets it" in refused.text) == (422, True)
    assert (holder(world), state_of(world, number)) == (world.id("colleague"), "submitted")


def test_after_a_year_a_new_member_has_it_and_nothing_of_who_had_it(world: World) -> None:  # V11
    thread = a_thread(world, "colleague")
    leave(world)
    world.later(days=365)
    before = world.count(Account)
    number = submitted(world, **OTHER)
    assert "Approving makes a new member" in duplicate(world, number)
    assert approve(world, number) == [201, 201]
    new = int(world.one(select(Application.member_id).where(Application.id == number)).member_id)
    assert (holder(world), world.count(Account)) == (new, before + 1)
    assert new > max(world.id(key) for key in CAST), "a number is nobody's second"
    former = world.one(select(Member.name, Member.status).where(Member.id == world.id("colleague")))
    assert former == ("Tom Reyes", "separated")
    left = world.one(select(Account.email).where(Account.id == world.id("colleague"))).email
    assert (left, holder(world, left)) == (f"left-{world.id('colleague')}@left.invalid", world.id("colleague"))
    shown = world.script("chief").call("GET", f"/threads/{thread}").json()
    assert (shown["starter"]["name"], shown["starter"]["id"]) == ("Tom Reyes", world.id("colleague"))
    assert "/enrol/" in text_of(letters(world, ADDRESS)[-1])
    assert world.count(AuditEvent, AuditEvent.verb == "address.release") == 1


def test_who_left_keeps_their_other_addresses(world: World) -> None:  # V11
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("colleague"), email="tom@home.example", confirmed_at=world.now))
    leave(world)
    world.later(days=365)
    assert approve(world, submitted(world, **OTHER)) == [201, 201]
    assert world.one(select(Account.email).where(Account.id == world.id("colleague"))).email == "tom@home.example"


@pytest.mark.parametrize(("name", "days"), [("Tom Reyes", 1), ("Thomas A. Reyes", 1), ("TOM  REYÉS", 400)])
def test_the_same_person_gets_it_back_at_any_time(world: World, name: str, days: int) -> None:  # V11
    leave(world)
    world.later(days=days)
    number = submitted(world, **OTHER | {"name": name})
    assert approve(world, number) == [201, 201]
    assert world.one(select(Application.member_id).where(Application.id == number)).member_id == world.id("colleague")


def test_what_was_signed_before_is_asked_again(world: World) -> None:  # V11
    leave(world)
    world.later(days=365)
    number = submitted(world, **OTHER)
    assert decide(world, "reviewer1", number).status_code == 201
    with world.db.write() as session:  # they came back meanwhile, and left again
        session.execute(update(Member).where(Member.id == world.id("colleague")).values(gone_at=world.now))
    assert decide(world, "reviewer2", number).status_code == 422
    assert holder(world) == world.id("colleague")


def test_no_other_member_adds_it_to_theirs(world: World) -> None:  # V11
    leave(world)
    chief, here = world.browser("chief"), "/settings/sign-in/addresses"
    assert chief.post(here, {"email": "free@home.example"}, page=here).status_code == 303
    assert "type this code" in text_of(letters(world, "free@home.example")[-1])
    assert chief.post(here, {"email": ADDRESS}, page=here).status_code == 303, "who asks learns nothing"
    assert "It is a member's already" in text_of(letters(world, ADDRESS)[-1])
    assert holder(world) == world.id("colleague")


@pytest.mark.parametrize(
    ("one", "two", "may"),
    [("Tom Reyes", "Thomas Reyes", True), ("Tom Reyes", "tom b. reyes", True), ("Tom Reyes", "Tina Quill", False),
     ("Tom Reyes", "Ana Reyes", False), ("Tom Reyes", "", False), ("Tom Reyes", "Tom Ray", False),
     ("Tom Reyes Jr.", "Tom Reyes", True), ("Tom Reyes Jr.", "Tim Quill Jr.", False), ("Tom Reyes III", "Tina Quill III", False),
     ("Jr.", "Jr.", False), ("Reyes, Tom", "Thomas Reyes", True), ("Reyes, Tom", "Rowe, Tom", False),
     ("Tom Reyes, Jr.", "Tom Reyes", True)],
)  # fmt: skip
def test_names_of_one_person(one: str, two: str, may: bool) -> None:
    assert may_be_one(one, two) is may
