"""Somebody who left and applies again: a case like any other, which says who they were, and the same member at its end."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.membership import status
from app.membership.left_as import LeftAs
from app.membership.models import Application, GroupMember, Member, MemberRole, Role
from tests.membership.cases import REVIEW, apply, case_id, code_on, decide, letters, link_in, make_ready, state_of, text_of
from tests.membership.test_apply import neutral
from tests.membership.test_status import set_status
from tests.people import CAST
from tests.world import Client, World

ADDRESS = CAST["colleague"].email
AS_NOW = {"email": ADDRESS, "name": "Tom Reyes", "rank": "Lieutenant", "phone": "360-555-0171"}


def leave(world: World, left_as: LeftAs | str = LeftAs.SEPARATED) -> None:
    with world.db.write() as session:
        form = status.StatusForm(status="separated", left_as=LeftAs(left_as), reason="For the test.")
        status.set_status(session, world.actor("admin"), world.id("colleague"), form)


def again(world: World, client: Client, **values: str) -> int:
    """They apply and confirm their address."""
    apply(world, client, **AS_NOW | values)
    link = link_in(letters(world, ADDRESS)[-1], "/apply/confirm/")
    assert client.post(link, page=link).status_code == 303
    return case_id(world, ADDRESS)


def duplicate(world: World, number: int) -> str:
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    return str(next(check["reason"] for check in case["checks"] if check["key"] == "duplicate"))


def test_the_same_member_comes_back_by_two_signatures_and_enrols_anew(world: World) -> None:  # V1 V2 V3
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("colleague"), role=Role.RECORDS))
    leave(world)
    client, before = world.outsider(), world.count(Account)
    page = apply(world, client, **AS_NOW)
    link = link_in(letters(world, ADDRESS)[-1], "/apply/confirm/")
    client.post(link, page=link)
    number = make_ready(world, case_id(world, ADDRESS))
    assert "Sergeant Tom Reyes, who was a member and left: separated" in duplicate(world, number)
    assert decide(world, "reviewer1", number).status_code == 201
    assert world.one(select(Member.status).where(Member.id == world.id("colleague"))).status == "separated"
    assert decide(world, "reviewer2", number).status_code == 201
    found = world.one(select(*Member.__table__.c).where(Member.id == world.id("colleague")))
    assert (found.status, found.left_as, found.rank, found.agency_id) == ("active", "", "Lieutenant", world.ids.agencies["corvane"])
    assert world.one(select(Application.member_id).where(Application.id == number)).member_id == world.id("colleague")
    assert world.count(Account) == before, "the same one, and no second"
    assert world.count(MemberRole, MemberRole.member_id == world.id("colleague")) == 0, "no role comes back unasked"
    assert world.count(GroupMember, GroupMember.member_id == world.id("colleague")) == 1
    enrol = link_in(letters(world, ADDRESS)[-1], "/enrol/")
    wrong = world.outsider().post(enrol, {"enrolment_code": "AAAA", "password": "granite otter 47 lantern"}, page=enrol)
    assert wrong.status_code == 422
    right = world.outsider().post(enrol, {"enrolment_code": code_on(page), "password": "granite otter 47 lantern"}, page=enrol)
    assert right.status_code == 303


@pytest.mark.parametrize("left_as", ["separated", "removed"])
def test_reviewers_see_how_they_left_and_nobody_outside_that_they_were_here(world: World, left_as: str) -> None:  # A15
    stranger = apply(world, email="nobody@larkspur.example")
    leave(world, left_as)
    answer = apply(world, **AS_NOW)
    assert neutral(answer.text, ADDRESS) == neutral(stranger.text, "nobody@larkspur.example")
    mine, theirs = letters(world, ADDRESS)[-1], letters(world, "nobody@larkspur.example")[-1]
    assert mine["Subject"] == theirs["Subject"]
    assert "member already" not in text_of(mine)
    assert left_as in duplicate(world, case_id(world, ADDRESS))


def test_who_is_let_in_otherwise_meanwhile_is_not_let_in_twice(world: World) -> None:
    leave(world)
    number = make_ready(world, again(world, world.outsider()))
    decide(world, "reviewer1", number)
    set_status(world, "colleague", "active")
    assert decide(world, "reviewer2", number).status_code == 409
    assert state_of(world, number) == "first_decision"


def test_to_one_who_died_and_to_one_who_is_here_nothing_is_to_be_confirmed(world: World) -> None:  # A15
    leave(world, "deceased")
    for address in (ADDRESS, CAST["suspended"].email):
        apply(world, **AS_NOW | {"email": address})
        assert all("/apply/confirm/" not in letter.as_string() for letter in letters(world, address))
