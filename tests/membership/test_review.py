"""Reviewing: who decides a case, and that two different people do. Nobody becomes a member any other way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account, Enrolment
from app.core.errors import Conflict, Forbidden
from app.core.signing import token_hash
from app.membership.applications import decide as verbs
from app.membership.applications.forms import DecisionForm
from app.membership.models import Application, ApplicationState, Decision, GroupMember, Member, Verdict
from tests.membership.cases import (
    CALL,
    FIELDS,
    REVIEW,
    act,
    apply,
    case_id,
    code_on,
    decide,
    letters,
    link_in,
    make_ready,
    state_of,
    status_link,
    submitted,
    text_of,
    version_of,
)
from tests.world import World


def test_two_reviewers_make_a_member(world: World) -> None:  # V1
    client = world.outsider()
    page = apply(world, client)
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    client.post(link, page=link)
    number = case_id(world)
    answer = decide(world, "reviewer1", number)
    assert answer.status_code == 201
    assert answer.json()["state"] == ApplicationState.FIRST_DECISION
    assert world.count(Account, Account.email == FIELDS["email"]) == 0
    assert not any("/enrol/" in text_of(letter) for letter in letters(world, FIELDS["email"]))
    answer = decide(world, "reviewer2", number)
    assert answer.json()["state"] == ApplicationState.APPROVED
    member = world.one(
        select(Member.id, Member.name, Member.member_class, Member.agency_id, Member.status)
        .join(Account, Account.id == Member.id)
        .where(Account.email == FIELDS["email"])
    )
    assert member[1:] == ("Hollis Crane", "sworn", world.ids.agencies["corvane"], "active")
    groups = select(GroupMember.group_id).where(GroupMember.member_id == member.id)
    assert tuple(world.one(groups)) == (world.ids.groups["sworn"],)
    letter = letters(world, FIELDS["email"])[-1]
    enrol = link_in(letter, "/enrol/")
    row = world.one(select(Enrolment.code_hash, Enrolment.token_hash).where(Enrolment.account_id == member.id))
    assert row.token_hash == token_hash(enrol.rpartition("/")[2])
    assert row.code_hash == token_hash(code_on(page).replace("-", ""))
    assert code_on(page) not in text_of(letter)  # A9: the mailbox alone is not enough
    assert "Approved" in client.get(status_link(page)).text


def test_one_reviewer_can_not_sign_twice(world: World) -> None:  # V1
    number = submitted(world)
    assert decide(world, "reviewer1", number).status_code == 201
    assert decide(world, "reviewer1", number).status_code == 403
    assert world.count(Decision) == 1
    assert world.count(Account, Account.email == FIELDS["email"]) == 0


def test_the_database_itself_refuses_a_second_decision_of_one_person(world: World) -> None:  # V1
    number = submitted(world)
    row = {
        "application_id": number,
        "reviewer_id": world.id("reviewer1"),
        "reviewer_name": "x",
        "verdict": "approve",
        "reason": "x",
        "created_at": world.now,
    }
    with world.db.write() as session:
        session.execute(insert(Decision).values(step=1, **row))
    for wrong in ({"step": 2}, {"step": 1, "reviewer_id": world.id("reviewer2")}, {"step": 3, "reviewer_id": world.id("reviewer2")}):
        with pytest.raises(IntegrityError), world.db.write() as session:
            session.execute(insert(Decision).values(**(row | wrong)))


def at_once(count: int, act: Callable[[int], None]) -> list[str]:
    """Run `act` in so many threads at the same moment; how each ended."""
    barrier, ends = threading.Barrier(count), [""] * count

    def run(n: int) -> None:
        barrier.wait()
        try:
            act(n)
            ends[n] = "done"
        except Exception as error:
            ends[n] = type(error).__name__

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_twenty_decisions_at_once_give_exactly_one(world: World) -> None:  # V1 L6
    number = make_ready(world, submitted(world))
    actors = [world.actor("reviewer1"), world.actor("reviewer2")]

    def approve(n: int) -> None:
        form = DecisionForm(version=2, verdict=Verdict.APPROVE, reason="At once.")
        with world.db.write() as session:
            verbs.decide(session, actors[n % 2], number, form)

    ends = at_once(20, approve)
    assert sorted(set(ends)) == ["Conflict", "done"]
    assert ends.count("done") == 1
    assert (world.count(Decision), state_of(world, number)) == (1, ApplicationState.FIRST_DECISION)
    version = version_of(world, number)

    def again(n: int) -> None:
        with world.db.write() as session:
            verbs.decide(session, actors[n % 2], number, DecisionForm(version=version, verdict=Verdict.APPROVE, reason="At once."))

    ends = at_once(20, again)
    assert ends.count("done") == 1
    assert (world.count(Decision), state_of(world, number)) == (2, ApplicationState.APPROVED)
    assert world.count(Account, Account.email == FIELDS["email"]) == 1
    assert world.count(Enrolment) == 1


def test_one_decline_ends_it_and_the_applicant_reads_why(world: World) -> None:
    client = world.outsider()
    page = apply(world, client)
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    client.post(link, page=link)
    number = case_id(world)
    decide(world, "reviewer1", number, reason="Looks right to me.")
    answer = decide(world, "reviewer2", number, "decline", "The agency does not know you.")
    assert answer.json()["state"] == ApplicationState.DECLINED
    seen = client.get(status_link(page)).text
    assert "The agency does not know you." in seen
    assert "Looks right to me." not in seen
    letter = letters(world, FIELDS["email"])[-1]
    assert "does not know" not in text_of(letter)
    assert "/enrol/" not in text_of(letter)
    assert decide(world, "admin", number).status_code == 404  # an administrator is no reviewer
    assert decide(world, "reviewer1", number).status_code == 409


def test_a_reason_is_needed(world: World) -> None:
    number = submitted(world)
    assert decide(world, "reviewer1", number, "decline", " ").status_code == 422
    assert decide(world, "reviewer1", number, "maybe").status_code == 422
    assert state_of(world, number) == ApplicationState.SUBMITTED


def test_a_sponsor_neither_calls_nor_records_evidence(world: World) -> None:  # V1
    number = submitted(world, sponsor="reviewer2@corvane.example")
    for what, body in (("evidence", {"kind": "letter", "note": "I know them."}), ("call-backs", CALL)):
        assert act(world, "reviewer2", number, what, **body).status_code == 403, what
        assert act(world, "reviewer1", number, what, **body).status_code == 201, what


def test_a_sponsor_does_not_decide(world: World) -> None:  # V1
    number = submitted(world, sponsor="reviewer2@corvane.example")
    assert world.script("reviewer2", REVIEW).call("GET", f"/applications/{number}").json()["sponsor"]["name"] == "Gwen Tallis"
    assert decide(world, "reviewer2", number).status_code == 403
    claim = world.script("reviewer2", REVIEW).call("POST", f"/applications/{number}/claim", {"version": version_of(world, number)})
    assert claim.status_code == 403
    assert "Hollis Crane" not in waiting_list(world.browser("reviewer2").get("/moderation").text)
    assert "Hollis Crane" in waiting_list(world.browser("reviewer1").get("/moderation").text)


def waiting_list(page: str) -> str:
    return page.partition('aria-label="Applications waiting for you"')[2]


def test_unconfirmed_and_withdrawn_cases_can_not_be_approved(world: World) -> None:  # V1
    client = world.outsider()
    page = apply(world, client)
    number = case_id(world)
    assert decide(world, "reviewer1", number).status_code == 409
    client.post(status_link(page) + "/withdraw", page=status_link(page))
    assert decide(world, "reviewer1", number).status_code == 409


def test_a_claim_is_one_persons_for_half_an_hour(world: World) -> None:
    number = submitted(world)
    api = world.script("reviewer1", REVIEW)
    answer = api.call("POST", f"/applications/{number}/claim", {"version": 2})
    assert (answer.status_code, answer.json()["state"], answer.json()["claimed_by"]["name"]) == (200, "in_review", "Joan Whitlock")
    assert world.script("reviewer2", REVIEW).call("POST", f"/applications/{number}/claim", {"version": 2}).status_code == 409  # stale
    assert world.script("reviewer2", REVIEW).call("POST", f"/applications/{number}/claim", {"version": 3}).status_code == 409  # held
    assert decide(world, "reviewer2", number).status_code == 409
    assert "Hollis Crane" not in waiting_list(world.browser("reviewer2").get("/moderation").text)
    world.later(minutes=31)
    assert world.script("reviewer2", REVIEW).call("POST", f"/applications/{number}/claim", {"version": 3}).status_code == 200


def test_two_cases_of_one_address_make_one_member(world: World) -> None:
    first, second = submitted(world), submitted(world)
    assert first != second
    for key in ("reviewer1", "reviewer2"):
        decide(world, key, first)
    decide(world, "reviewer1", second)
    assert decide(world, "reviewer2", second).status_code == 409
    assert world.count(Account, Account.email == FIELDS["email"]) == 1


def test_refusals_by_operation(world: World) -> None:
    number = submitted(world)
    form = DecisionForm(version=2, verdict=Verdict.APPROVE, reason="x")
    reader = replace(world.actor("reviewer1"), may_write=False)
    with pytest.raises(Forbidden), world.db.write() as session:
        verbs.decide(session, reader, number, form)
    with pytest.raises(Conflict), world.db.write() as session:
        verbs.decide(session, world.actor("reviewer1"), number, form.model_copy(update={"version": 9}))
    assert world.count(Application, Application.state == ApplicationState.SUBMITTED) == 1
