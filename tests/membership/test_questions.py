"""More is asked: the question, the answer on the status page, and whose turn it is then."""

from __future__ import annotations

import re

import sqlalchemy as sa

from app.membership.models import ApplicationState, Member, Question
from tests.membership.cases import FIELDS, act, decide, letters, state_of, text_of
from tests.membership.test_call_back import applied, seen
from tests.world import World


def test_a_question_is_asked_and_answered_on_the_status_page(world: World) -> None:  # V9
    client, link, case = applied(world)
    assert act(world, "reviewer1", case, "claim").status_code == 200
    before = len(letters(world, FIELDS["email"]))
    assert act(world, "reviewer1", case, "questions", text="Which unit, and since when?").status_code == 201
    assert state_of(world, case) == ApplicationState.MORE_ASKED
    letter = letters(world, FIELDS["email"])[before]
    assert "Which unit" not in letter.as_string()
    assert not re.search(r"/applications/[\w-]{20}", text_of(letter))
    assert "Which unit, and since when?" in client.get(link).text
    assert client.post(link + "/answer", {"answer": " "}, page=link).status_code == 422
    assert client.post(link + "/answer", {"answer": "Patrol, since May."}, page=link).status_code == 303
    assert state_of(world, case) == ApplicationState.IN_REVIEW
    assert "Patrol, since May." in str(seen(world, case)["questions"])
    assert "Patrol, since May." in world.browser("reviewer2").get(f"/moderation/applications/{case}").text
    assert client.post(link + "/answer", {"answer": "Again."}, page=link).status_code == 409
    assert world.one(sa.select(Question.answer)) == ("Patrol, since May.",)


def test_an_answer_after_the_claim_lapsed_puts_the_case_back_for_everyone(world: World) -> None:
    client, link, case = applied(world)
    act(world, "reviewer1", case, "claim")
    act(world, "reviewer1", case, "questions", text="Which unit?")
    world.later(hours=2)
    assert client.post(link + "/answer", {"answer": "Patrol."}, page=link).status_code == 303
    assert state_of(world, case) == ApplicationState.SUBMITTED


def test_the_second_reviewer_may_ask_and_the_first_ones_signature_stands(world: World) -> None:
    client, link, case = applied(world)
    decide(world, "reviewer1", case)
    assert act(world, "reviewer2", case, "questions", text="Which unit?").status_code == 201
    assert state_of(world, case) == ApplicationState.MORE_ASKED  # it waits for the applicant, not for a second signature
    assert client.post(link + "/answer", {"answer": "Patrol."}, page=link).status_code == 303
    assert state_of(world, case) == ApplicationState.FIRST_DECISION
    assert decide(world, "reviewer2", case).json()["state"] == ApplicationState.APPROVED
    assert world.count(Member, Member.name == FIELDS["name"]) == 1
