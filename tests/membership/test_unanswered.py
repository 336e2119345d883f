"""A question that nobody answers: two reminders, then the case lapses. Never in silence, never under a reviewer's hands."""

from __future__ import annotations

import re

import pytest

from app.core import jobs
from app.core.audit import AuditEvent
from app.membership.models import ApplicationState, Decision
from tests.membership.cases import FIELDS, act, apply, decide, letters, state_of, text_of
from tests.membership.papers import pdf, send
from tests.membership.test_call_back import applied
from tests.membership.test_returning import ASK, at_the_door, case_of, left_behind
from tests.world import World

STEP = re.compile(r'<li class="(\w*)"[^>]*>(?:<svg.*?</svg>)?([\w ]+)', re.DOTALL)
WAITS, LAPSED = "We wait for your answer about your {}", "No answer came, so we closed your {}"
JOIN, RETURN = "application for membership", "request to come back"


def subjects(world: World, to: str = FIELDS["email"]) -> list[str]:
    return [str(letter["Subject"]) for letter in letters(world, to)]


def days_later(world: World, days: int) -> None:
    world.later(days=days)
    jobs.run_due(world.db)


def test_an_applicant_is_reminded_twice_and_then_the_case_lapses(world: World) -> None:  # V9
    client, link, case = applied(world)
    act(world, "reviewer1", case, "questions", text="Which unit?")
    assert "Please answer by" in client.get(link).text
    assert "The case lapses on" in world.browser("reviewer1").get(f"/moderation/applications/{case}").text
    for days, count in ((6, 0), (1, 1), (15, 1), (1, 2), (6, 2)):
        days_later(world, days)
        assert subjects(world).count(WAITS.format(JOIN)) == count
        assert state_of(world, case) == ApplicationState.MORE_ASKED
    reminders = [text_of(letter) for letter in letters(world, FIELDS["email"]) if letter["Subject"] == WAITS.format(JOIN)]
    assert ["within 23 days" in reminders[0], "within 7 days" in reminders[1]] == [True, True]
    assert not any("Which unit" in text for text in reminders)
    days_later(world, 1)
    assert state_of(world, case) == ApplicationState.EXPIRED
    assert subjects(world)[-1] == LAPSED.format(JOIN)
    assert "Lapsed: no answer came" in client.get(link).text
    assert client.post(link + "/answer", {"answer": "Patrol."}, page="/apply").status_code == 409
    assert world.count(AuditEvent, AuditEvent.verb == "application.lapse", AuditEvent.subject_id == case) == 1
    assert apply(world).status_code == 200  # nothing was decided about them
    assert act(world, "reviewer1", case, "claim").status_code == 409


def test_an_answer_ends_the_waiting_and_a_new_question_begins_it_anew(world: World) -> None:
    client, link, case = applied(world)
    act(world, "reviewer1", case, "questions", text="Which unit?")
    days_later(world, 5)
    client.post(link + "/answer", {"answer": "Patrol."}, page=link)
    days_later(world, 10)
    assert WAITS.format(JOIN) not in subjects(world)
    act(world, "reviewer1", case, "questions", text="Since when?")
    days_later(world, 5)
    act(world, "reviewer2", case, "questions", text="And before?")
    days_later(world, 25)  # thirty days after the second, twenty-five after the third
    assert state_of(world, case) == ApplicationState.MORE_ASKED
    assert subjects(world).count(WAITS.format(JOIN)) == 2  # for what was asked last, not for each
    days_later(world, 5)
    assert state_of(world, case) == ApplicationState.EXPIRED


def test_a_case_that_a_reviewer_holds_does_not_lapse_under_their_hands(world: World) -> None:
    _, _, case = applied(world)
    act(world, "reviewer1", case, "questions", text="Which unit?")
    world.later(days=29, hours=23, minutes=50)
    act(world, "reviewer1", case, "claim")
    world.later(minutes=15)
    jobs.run_due(world.db)
    assert state_of(world, case) == ApplicationState.MORE_ASKED
    world.later(minutes=20)
    jobs.run_due(world.db)
    assert state_of(world, case) == ApplicationState.EXPIRED


@pytest.mark.parametrize("verdict", ["approve", "decline"])
def test_a_decision_that_did_not_wait_for_the_answer_stands(world: World, verdict: str) -> None:
    _, _, case = applied(world)
    act(world, "reviewer1", case, "questions", text="Which unit?")
    for reviewer in ("reviewer1", "reviewer2")[: 2 if verdict == "approve" else 1]:
        decide(world, reviewer, case, verdict)
    decided = state_of(world, case)
    assert decided == {"approve": "approved", "decline": "declined"}[verdict]
    days_later(world, 31)
    assert state_of(world, case) == decided
    assert not [subject for subject in subjects(world) if "wait" in subject or "No answer" in subject]


def test_a_first_signature_stays_while_the_case_waits_and_lapses_with_it(world: World) -> None:  # V1
    client, link, case = applied(world)
    decide(world, "reviewer1", case)
    act(world, "reviewer2", case, "questions", text="Which unit?")
    assert world.count(Decision, Decision.application_id == case) == 1
    assert [mark for mark, who in STEP.findall(client.get(link).text) if who == "First reviewer"] == ["done"]
    days_later(world, 31)
    assert state_of(world, case) == ApplicationState.EXPIRED
    assert world.count(Decision, Decision.application_id == case) == 1


def test_a_member_who_wants_to_return_is_told_where_to_answer(world: World) -> None:
    who = left_behind(world)
    client = at_the_door(who)
    client.post("/return", ASK, page="/return")
    case, address = case_of(world), who.email
    decide(world, "reviewer1", case)
    act(world, "reviewer2", case, "questions", text="Which agency?")
    page = client.get("/return").text
    assert ("Please answer by" in page, STEP.findall(page)[1]) == (True, ("done", "First reviewer"))
    days_later(world, 7)
    letter = letters(world, address)[-1]
    assert letter["Subject"] == WAITS.format(RETURN)
    assert "/return" in text_of(letter)
    days_later(world, 23)
    assert (state_of(world, case), subjects(world, address)[-1]) == (ApplicationState.EXPIRED, LAPSED.format(RETURN))


@pytest.mark.parametrize("is_signed", [False, True])
def test_who_sends_what_was_asked_for_has_answered(world: World, is_signed: bool) -> None:  # V9
    client, link, case = applied(world)
    if is_signed:
        decide(world, "reviewer1", case)
    act(world, "reviewer2", case, "questions", text="Please send a letter on letterhead.")
    assert send(client, link + "/evidence", {}, ("letter.pdf", pdf()), page=link).status_code == 303
    back = ApplicationState.FIRST_DECISION if is_signed else ApplicationState.SUBMITTED
    assert state_of(world, case) == back, "reviewers have it to look at"
    assert subjects(world)[-1] == f"Reviewers have your answer about your {JOIN}"
    assert "Please answer by" not in client.get(link).text
    assert client.post(link + "/answer", {"answer": "It is there."}, page=link).status_code == 303, "and words may follow"
    days_later(world, 31)
    assert state_of(world, case) == back
    assert WAITS.format(JOIN) not in subjects(world)
