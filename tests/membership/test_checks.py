"""The checks on a case: what each says, and why."""

from __future__ import annotations

from app.agencies.models import AgencyDomain
from tests.membership.cases import REVIEW, decide, submitted
from tests.world import World


def checks(world: World, number: int) -> dict[str, str]:
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    assert all(check["reason"].strip() for check in case["checks"])
    return {check["key"]: check["state"] for check in case["checks"]}


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
