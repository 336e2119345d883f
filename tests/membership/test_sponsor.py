"""The sponsor: whoever is named neither calls, nor records, nor decides, by whichever address and since whenever."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.addresses.models import AccountAddress
from app.membership.models import Application, MemberStatus
from tests.membership.cases import CALL, REVIEW, act, decide, submitted
from tests.membership.test_review import waiting_list
from tests.membership.test_staying import change
from tests.world import World


def second_address(world: World, key: str, email: str) -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id(key), email=email, confirmed_at=world.now))


@pytest.mark.parametrize("since", ["before", "after"])
def test_a_sponsor_named_by_another_of_their_addresses_does_not_decide(world: World, since: str) -> None:  # V1
    if since == "before":
        second_address(world, "reviewer2", "gwen@home.example")
    number = submitted(world, sponsor="gwen@home.example")
    if since == "after":
        assert "Hollis Crane" in waiting_list(world.browser("reviewer2").get("/moderation").text), "nobody knew yet"
        second_address(world, "reviewer2", "gwen@home.example")
    assert world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()["sponsor"]["name"] == "Gwen Tallis"
    assert "Hollis Crane" not in waiting_list(world.browser("reviewer2").get("/moderation").text)
    assert decide(world, "reviewer2", number).status_code == 403
    assert act(world, "reviewer2", number, "claim").status_code == 403
    assert act(world, "reviewer2", number, "call-backs", **CALL).status_code == 403
    assert decide(world, "reviewer1", number).status_code == 201
    assert world.one(select(Application.sponsor_id)).sponsor_id == world.id("reviewer2"), "the database's own rule reads it"


def test_a_sponsor_who_is_let_in_again_after_the_application_does_not_decide(world: World) -> None:  # V1
    change(world, "reviewer2", status=MemberStatus.SUSPENDED)
    number = submitted(world, sponsor="reviewer2@corvane.example")
    change(world, "reviewer2", status=MemberStatus.ACTIVE)
    assert decide(world, "reviewer2", number).status_code == 403
    assert decide(world, "reviewer1", number).status_code == 201


def test_who_signed_and_turns_out_to_be_the_sponsor_ends_the_case(world: World) -> None:  # V1
    number = submitted(world, sponsor="gwen@home.example")
    assert decide(world, "reviewer2", number).status_code == 201
    second_address(world, "reviewer2", "gwen@home.example")
    answer = decide(world, "reviewer1", number)
    assert (answer.status_code, "sponsor has signed" in answer.text) == (409, True)
    assert decide(world, "reviewer1", number, "decline").status_code == 201
