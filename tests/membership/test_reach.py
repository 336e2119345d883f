"""How the agency can be reached, as the applicant says: shown to reviewers as theirs, and never where the call-back goes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.membership.models import Application, CallBack
from app.membership.recovery.access import said_before
from tests.membership.cases import CALL, FIELDS, REVIEW, act, apply, case_id, submitted
from tests.world import World

WAY = "Front desk, weekdays 8 to 4; ask for Chief Norgaard"
SPELLINGS = [
    "360-555-0188",
    "(360) 555 0188, ask for the chief",
    "3605550188",
    "+1 360.555.0188 x12, weekdays",
    "three six zero is our area: 360, then 555 and then 0188",
    "３６０－５５５－０１８８",
    "desk 360 555 0187/0188",
    "555-0188",
]


def test_reviewers_see_what_the_applicant_said_and_that_it_is_no_source_for_the_call(world: World) -> None:  # V2
    number = submitted(world, reach=WAY)
    page = world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    assert WAY in page
    assert "Given by the applicant: not for the call-back" in page
    assert world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()["reach"] == WAY
    assert "Given by the applicant" not in world.browser("reviewer1").get(f"/moderation/applications/{submitted(world)}").text


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_number_in_it_is_the_applicants_however_it_is_written(world: World, written: str) -> None:  # V2
    number = submitted(world, reach=written)
    answer = act(world, "reviewer1", number, "call-backs", **(CALL | {"number": "360-555-0188"}))
    assert (answer.status_code, world.count(CallBack)) == (422, 0)
    assert answer.json()["errors"][0]["field"] == "number"
    assert act(world, "reviewer1", number, "call-backs", **CALL).status_code == 201, "another number is taken"


def test_a_number_in_an_earlier_application_is_the_applicants_too(world: World) -> None:  # V2
    earlier = submitted(world, reach="360-555-0188")
    now = submitted(world, email="other@larkspur.example")
    assert earlier != now
    assert act(world, "reviewer1", now, "call-backs", **(CALL | {"number": "360-555-0188"})).status_code == 422
    assert act(world, "reviewer1", now, "call-backs", **CALL).status_code == 201


def test_a_member_who_lost_their_sign_in_gave_the_number_when_they_applied(world: World) -> None:  # V2 A9
    submitted(world, reach="360-555-0188")
    with world.db.write() as session:
        case = session.execute(select(Application)).scalar_one()
        case.member_id = world.id("colleague")
        assert "360-555-0188" in said_before(session, case)


def test_the_form_takes_it_or_nothing_and_gives_back_what_it_refuses(world: World) -> None:
    assert apply(world).status_code == 200, "nobody must say it"
    assert world.one(select(Application.reach).where(Application.id == case_id(world, FIELDS["email"]))).reach == ""
    client = world.outsider()
    assert 'name="reach"' in client.get("/apply").text
    for odd in ("https://evil.example/call", "x" * 201):
        answer = apply(world, client, reach=odd)
        assert answer.status_code == 422
        assert 'id="reach-error"' in answer.text
        assert odd in answer.text
