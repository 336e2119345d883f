"""The checks on a case: what each says, and why."""

from __future__ import annotations

import html

import pytest
from sqlalchemy import update

from app.agencies.models import Agency, AgencyDomain
from tests.membership.cases import REVIEW, decide, submitted
from tests.world import World


def said(world: World, number: int) -> list[dict[str, str]]:
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    assert all(check["reason"].strip() for check in case["checks"])
    return list(case["checks"])


def checks(world: World, number: int) -> dict[str, str]:
    return {check["key"]: check["state"] for check in said(world, number)}


def check_of(world: World, number: int, key: str) -> tuple[str, str]:
    """What one check found, and why."""
    return next((check["state"], check["reason"]) for check in said(world, number) if check["key"] == key)


def test_checks_say_what_is_known(world: World) -> None:
    plain = submitted(world)
    assert checks(world, plain) == {
        "agency_domain": "unknown",
        "gov_registry": "unknown",
        "free_domain": "pass",
        "look_alike": "unknown",
        "duplicate": "pass",
        "head_taken": "pass",
        "supervisor": "unknown",
        "ori_state": "pass",
        "earlier": "pass",
    }
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=world.ids.agencies["corvane"], domain="larkspur.example", approved_at=world.now))
    assert checks(world, plain)["agency_domain"] == "pass"
    other = submitted(world, email="x@larkspur.example.evil.example", name="Gwen Tallis", member_class="head", supervisor="Teresa Bohannon")
    assert checks(world, other) == {
        "agency_domain": "attention",
        "gov_registry": "unknown",
        "free_domain": "pass",
        "look_alike": "attention",
        "duplicate": "attention",
        "head_taken": "attention",
        "supervisor": "pass",
        "ori_state": "pass",
        "earlier": "pass",
    }
    unlisted = submitted(world, email="u@larkspur.example", agency="", agency_name="Larkspur PD", agency_state="cs", supervisor="")
    assert checks(world, unlisted) | {"duplicate": ""} == {
        "agency_domain": "unknown",
        "gov_registry": "unknown",
        "free_domain": "pass",
        "look_alike": "pass",
        "duplicate": "",
        "head_taken": "pass",
        "supervisor": "attention",
        "ori_state": "unknown",
        "earlier": "pass",
    }


def test_a_new_case_shows_the_earlier_one(world: World) -> None:
    first = submitted(world)
    decide(world, "reviewer1", first, "decline", "No.")
    second = submitted(world)
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{second}").json()
    assert [(e["id"], e["state"]) for e in case["earlier"]] == [(first, "declined")]
    assert {c["key"]: c["state"] for c in case["checks"]}["earlier"] == "attention"


def test_a_second_open_case_of_one_address_is_told(world: World) -> None:
    submitted(world)
    assert checks(world, submitted(world))["duplicate"] == "attention"


@pytest.mark.parametrize(
    ("ori", "state", "says"),
    [
        ("OR0260000", "WA", "ORI OR0260000: This ORI is one of Oregon, not of Washington."),
        ("NB0280200", "KS", "ORI NB0280200: This ORI is one of Nebraska, not of Kansas."),  # the FBI's own letters for Nebraska
        ("QQ0260000", "WA", "ORI QQ0260000: No ORI begins with QQ."),
        ("WA02600", "WA", "ORI WA02600: An ORI is two letters and seven letters or digits, such as MI3913900. Did you mean WA0260000?"),
        ("WA0260000", "WA", ""),
        ("NB0280200", "NE", ""),
        ("USFBI0000", "WA", ""),  # a federal agency in any state
        ("DCFBI0000", "OR", ""),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the case is read by the same statement on either
def test_an_ori_of_another_state_is_told(world: World, ori: str, state: str, says: str) -> None:  # V8
    number = submitted(world)
    with world.db.write() as session:
        session.execute(update(Agency).where(Agency.id == world.ids.agencies["corvane"]).values(ori=ori, state=state))
    fits = f"ORI {ori} fits {state}. An ORI is public and proves nothing by itself."
    assert check_of(world, number, "ori_state") == (("attention", says) if says else ("pass", fits))
    page = html.unescape(world.browser("reviewer1").get(f"/moderation/applications/{number}").text)
    assert (says or fits) in page


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_agency_without_an_ori_is_neither_praised_nor_blamed(world: World) -> None:  # V8
    number = submitted(world)
    with world.db.write() as session:
        session.execute(update(Agency).where(Agency.id == world.ids.agencies["corvane"]).values(ori=None))
    assert check_of(world, number, "ori_state") == ("unknown", "The agency's record has no ORI.")
