"""The way back: a suspended member's session that opens one page, and the case that ends with the same member."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import SessionLevel, SignInSession
from app.membership.models import Application, ApplicationState, Evidence, Purpose
from tests.accounts.person import PASSWORD, WRONG, Person, person
from tests.house.census import sample, walk
from tests.membership.cases import CALL, act, decide, letters, text_of
from tests.membership.test_status import set_status
from tests.membership.test_staying import change, standing, subjects
from tests.people import CAST
from tests.world import ORIGIN, Client, World

ASK = {"words": "On long leave; back at my desk since Monday.", "supervisor": "Captain Bohannon", "phone": "360-555-0133"}


def left_behind(world: World) -> Person:
    change(world, "suspended", way_back=True, status_reason="The membership was not confirmed in time.")
    return person(world, "suspended")


def at_the_door(who: Person) -> Client:
    client = who.world.outsider()
    assert who.show_password(client, next="/forums").headers["location"].startswith("/sign-in/factor")
    assert who.show_code(client, next="/forums").headers["location"].startswith("/return")
    return client


def case_of(world: World) -> int:
    return int(world.one(select(Application.id).where(Application.purpose == Purpose.RETURN).order_by(Application.id.desc()).limit(1)).id)


@pytest.mark.parametrize("values", [{"way_back": False}, {"status": "separated"}])
def test_who_has_no_way_back_is_answered_as_with_a_wrong_password(world: World, values: dict[str, object]) -> None:  # A15 V11
    who = left_behind(world)
    assert who.show_password(world.outsider()).headers["location"] == "/sign-in/factor", "there is something to refuse"
    change(world, "suspended", **values)
    right, wrong = (who.show_password(world.outsider(), password) for password in (PASSWORD, WRONG))
    assert right.status_code == wrong.status_code == 422
    assert "That did not work" in right.text
    assert world.count(SignInSession) == 1


def test_the_session_opens_one_page_and_nothing_else(world: World) -> None:  # V11 C1
    client = at_the_door(left_behind(world))
    page = client.get("/return")
    assert page.status_code == 200
    assert "The membership was not confirmed in time." in page.text
    assert world.one(select(SignInSession.level).where(SignInSession.ended_at.is_(None))).level == SessionLevel.RETURN
    opened = []
    for line in walk(world.app):
        if line.rule.kind == "public" or line.path.startswith("/return") or line.is_api:
            continue
        answer = client.request(line.method, sample(line.path, {}), data={}, headers={"origin": ORIGIN})
        if answer.status_code != 303 or not answer.headers["location"].startswith("/sign-in"):
            opened.append((line.method, line.path, answer.status_code))
    assert opened == []
    assert client.request("POST", "/return", data=ASK, headers={"origin": ORIGIN}).status_code == 403  # A14
    assert world.browser("chief").get("/return").status_code == 404
    assert world.outsider().get("/return").headers["location"] == "/sign-in?next=%2Freturn"
    assert client.post("/return/leave", page="/return").headers["location"].startswith("/sign-in")
    assert client.get("/return").status_code == 303


def test_two_reviewers_bring_the_same_member_back(world: World) -> None:  # V11 V1 V2 V3
    who = left_behind(world)
    client = at_the_door(who)
    assert client.post("/return", {**ASK, "words": " "}, page="/return").status_code == 422
    assert client.post("/return", ASK, page="/return").headers["location"] == "/return?said=return-asked"
    assert client.post("/return", ASK, page="/return").status_code == 409
    number = case_of(world)
    page = world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    assert "A suspended member who asks to come back" in page
    assert "The membership was not confirmed in time." in page
    assert act(world, "reviewer1", number, "call-backs", **CALL | {"number": ASK["phone"]}).status_code == 422
    assert act(world, "reviewer1", number, "questions", text="Which unit?").status_code == 201
    assert "Which unit?" in client.get("/return").text
    letter = letters(world, CAST["suspended"].email)[-1]
    assert "Which unit?" not in text_of(letter)
    assert "/return" in text_of(letter)
    assert client.post("/return/answer", {"answer": "Patrol."}, page="/return").status_code == 303
    assert decide(world, "reviewer1", number).status_code == 201
    assert standing(world, "suspended").status == "suspended"
    assert "Second reviewer" in client.get("/return").text
    assert subjects(world, "suspended")[-1] == "The first of two reviewers has signed your request to come back"
    assert decide(world, "reviewer1", number).status_code == 403
    assert decide(world, "reviewer2", number).status_code == 201
    found = standing(world, "suspended")
    assert (found.status, found.way_back, found.verified_at) == ("active", False, world.now)
    assert subjects(world, "suspended")[-1] == "Welcome back: your membership is active again"
    assert client.get("/return").status_code == 303, "what was good for coming back is good for nothing more"
    world.later(minutes=1)
    assert who.signed_in().get("/forums").status_code == 200


def test_a_decline_says_why_and_when_to_ask_again(world: World) -> None:  # V11
    who = left_behind(world)
    client = at_the_door(who)
    client.post("/return", ASK, page="/return")
    assert decide(world, "reviewer1", case_of(world), "decline", "The desk does not know you.").status_code == 201
    assert "The desk does not know you." in client.get("/return").text
    assert client.post("/return", ASK, page="/return").status_code == 409
    world.later(days=8)
    client = at_the_door(who)
    assert client.post("/return", ASK, page="/return").status_code == 303
    assert client.post("/return/withdraw", page="/return").status_code == 303
    assert world.count(Application, Application.state == ApplicationState.WITHDRAWN) == 1
    assert subjects(world, "suspended")[-1] == "Your request to come back was withdrawn"
    assert world.count(Evidence) == 2  # what they said, both times


def test_an_administrators_word_stands_above_the_case(world: World) -> None:  # V11
    client = at_the_door(left_behind(world))
    client.post("/return", ASK, page="/return")
    decide(world, "reviewer1", case_of(world))
    set_status(world, "suspended", "separated")
    assert client.get("/return").status_code == 303
    assert decide(world, "reviewer2", case_of(world)).status_code == 409
    assert standing(world, "suspended").status == "separated"
