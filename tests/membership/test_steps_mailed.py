"""Each step of a case is mailed to whose case it is, in words that nobody else supplies."""

from __future__ import annotations

import re

from app.core import jobs
from tests.membership import test_roster_file as rosters
from tests.membership.cases import FIELDS, act, apply, case_id, decide, letters, link_in, state_of, status_link
from tests.world import Client, World

STEPS = [
    "Confirm your application for membership",
    "Reviewers have your application for membership",
    "A reviewer has begun on your application for membership",
    "A question about your application",
    "Reviewers have your answer about your application for membership",
    "The first of two reviewers has signed your application for membership",
    "Your membership is approved",
]
HOSTILE = {"name": "Zwicky {{7*7}} evil.example/win", "rank": "Chief Zwicky", "supervisor": "Zwicky", "reach": "Zwicky", "agency": "",
           "agency_name": "Zwicky PD", "agency_state": "CS"}  # fmt: skip


def applied(world: World, **values: str) -> tuple[Client, str, int]:
    """Who applied and confirmed, their status page, and the case."""
    client, address = world.outsider(), values.get("email", FIELDS["email"])
    page = apply(world, client, **values)
    link = link_in(letters(world, address)[0], "/apply/confirm/")
    assert client.post(link, page=link).status_code == 303
    return client, status_link(page), case_id(world, address)


def through(world: World, words: str, **values: str) -> list[tuple[str, bytes]]:
    """One case from the form to the second signature: subject and bytes of each letter, without what is another for each letter anyway."""
    client, link, number = applied(world, **values)
    assert act(world, "reviewer1", number, "claim").status_code == 200
    assert act(world, "reviewer1", number, "questions", text=words).status_code == 201
    assert client.post(link + "/answer", {"answer": words}, page=link).status_code == 303
    for reviewer in ("reviewer1", "reviewer2"):
        assert decide(world, reviewer, number, reason=words).status_code == 201
    address = values["email"]
    found = letters(world, address)
    return [(str(letter["Subject"]), _bytes(letter.as_bytes(), address)) for letter in found]


def _bytes(raw: bytes, address: str) -> bytes:
    raw = raw.replace(b"=\n", b"").replace(address.encode(), b"ADDRESS")
    raw = re.sub(rb"/(apply/confirm|applications|enrol)/[\w=-]+", b"/LINK", raw)
    return re.sub(rb"(?m)(^Message-ID: .*|^Date: .*|.*=_[0-9a-f]{32}.*)$", b"", raw)


def test_each_step_is_mailed_and_its_bytes_are_the_same_for_everyone(world: World) -> None:  # V9
    plain = through(world, "Which unit?", email="plain@larkspur.example")
    hostile = through(world, "Zwicky evil.example", email="other@larkspur.example", **HOSTILE)
    assert [subject for subject, _ in plain] == STEPS
    assert hostile == plain
    assert all(b"wicky" not in raw and b"evil" not in raw for _, raw in hostile)


def test_a_claim_that_is_taken_again_is_mailed_once(world: World) -> None:
    client, link, number = applied(world)
    for reviewer in ("reviewer1", "reviewer2"):
        assert act(world, reviewer, number, "claim").status_code == 200
        assert act(world, reviewer, number, "questions", text="Which unit?").status_code == 201
        world.later(hours=1)  # the claim is over, so an answer puts the case back for everyone
        assert client.post(link + "/answer", {"answer": "Patrol."}, page=link).status_code == 303
        assert state_of(world, number) == "submitted"
    subjects = [str(letter["Subject"]) for letter in letters(world, FIELDS["email"])]
    assert (subjects.count(STEPS[2]), subjects.count(STEPS[4])) == (1, 2)


def test_whom_a_roster_names_hears_of_no_claim_before_they_have_answered(world: World) -> None:
    rosters.applied(world, rosters.JOINS)
    jobs.run_due(world.db)
    to = "zoe.rowe@bexley.example"
    assert act(world, "reviewer1", case_id(world, to), "claim").status_code == 200
    assert len(letters(world, to)) == 1, "it would say that there is nothing for them to do"
