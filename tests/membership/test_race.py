"""Fifty cases that are ready, two reviewers, each pressing Approve twice at the same moment: one winner a round (V1, L6)."""

from __future__ import annotations

import threading
from collections import Counter

from sqlalchemy import select

from app.accounts.models import Account, Enrolment
from app.core.errors import Refusal
from app.core.signing import token_hash
from app.membership.applications import decide
from app.membership.applications.forms import DecisionForm
from app.membership.models import Application, ApplicationState, CallBack, Decision, Evidence, Verdict
from tests.membership.cases import CALL
from tests.world import World

CASES = 50
PRESSED = ("reviewer1", "reviewer2") * 2


def ready_cases(world: World) -> list[int]:
    """Cases with all that an approval takes besides people, written straight into the tables."""
    now, caller = world.now, {"caller_id": world.id("reviewer1"), "caller_name": "Joan Whitlock"}
    cases = [
        Application(
            state=ApplicationState.SUBMITTED, name=f"Applicant {n}", email=f"a{n}@larkspur.example", member_class="sworn", version=2,
            agency_id=world.ids.agencies["alderwood"], status_token_hash=token_hash(f"status {n}"),
            confirm_token_hash=token_hash(f"confirm {n}"), created_at=now, submitted_at=now,
        )
        for n in range(CASES)
    ]  # fmt: skip
    with world.db.write() as session:
        session.add_all(cases)
        session.flush()
        for case in cases:
            known = {"application_id": case.id, "created_at": now}
            session.add(CallBack(**known, **caller, number=CALL["number"], found_at="Roster", person="Sgt. Ridley", spoke_at=now))
            session.add(Evidence(**known, kind="letter", note="On letterhead.", added_by=world.id("reviewer1")))
    return [case.id for case in cases]


def press_approve(world: World, cases: list[int], versions: dict[int, int]) -> dict[int, list[str]]:
    """Everybody presses at once, case by case; who won each."""
    actors = {key: world.actor(key) for key in set(PRESSED)}
    barrier, winners, others = threading.Barrier(len(PRESSED)), {case: [] for case in cases}, Counter[str]()

    def press(key: str) -> None:
        for case in cases:
            form = DecisionForm(version=versions[case], verdict=Verdict.APPROVE, reason="Called back.")
            barrier.wait()
            try:
                with world.db.write() as session:
                    decide.decide(session, actors[key], case, form)
                winners[case].append(key)
            except Refusal as error:
                others[type(error).__name__] += 1

    threads = [threading.Thread(target=press, args=(key,)) for key in PRESSED]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(others) <= {"Conflict", "Forbidden"}
    assert others.total() == len(cases) * (len(PRESSED) - 1)
    return winners


def test_fifty_approvals_raced_give_one_winner_each(world: World) -> None:  # V1 L6
    cases = ready_cases(world)
    first = press_approve(world, cases, dict.fromkeys(cases, 2))
    assert {len(won) for won in first.values()} == {1}
    assert world.count(Application, Application.state == ApplicationState.FIRST_DECISION) == CASES
    assert world.count(Account, Account.email.like("%@larkspur.example")) == 0
    with world.db.read() as conn:
        versions = {row.id: row.version for row in conn.execute(select(Application.id, Application.version))}
    again = press_approve(world, cases, versions)
    assert {len(won) for won in again.values()} == {1}
    assert all(first[case] != again[case] for case in cases)
    assert world.count(Application, Application.state == ApplicationState.APPROVED) == CASES
    assert world.count(Account, Account.email.like("%@larkspur.example")) == world.count(Enrolment) == CASES
    with world.db.read() as conn:
        signed = Counter(
            (row.application_id, row.reviewer_id) for row in conn.execute(select(Decision.application_id, Decision.reviewer_id))
        )
    assert len(signed) == world.count(Decision) == 2 * CASES
