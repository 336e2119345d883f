"""The links that applicants get hold 256 random bits. Whoever tries others learns nothing and changes nothing, however often."""

from __future__ import annotations

import re
import secrets

import pytest

from app.core.audit import AuditEvent
from app.membership.models import Application
from tests.membership.cases import apply, case_id, letters, link_in, state_of, status_link
from tests.world import World

TRIES = 1000


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the same statement on either
def test_a_token_tried_a_thousand_times_gives_one_answer_and_changes_nothing(world: World) -> None:  # V9
    client = world.outsider()
    status = status_link(apply(world, client))
    confirm = link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/")
    assert client.get(status).status_code == 200
    logged, cases = world.count(AuditEvent), world.count(Application)

    stranger = world.outsider()
    answers = set()
    for n in range(TRIES):
        near = status[:-1] + ("A" if status[-1] != "A" else "B")  # one character off, then anything
        answer = stranger.get(near if n == 0 else f"/applications/{secrets.token_urlsafe(32)}")
        answers.add((answer.status_code, answer.headers["content-type"], re.sub("[A-Za-z0-9_-]{20,}", "", answer.text)))
    assert len(answers) == 1
    assert {status for status, *_ in answers} == {404}
    assert (world.count(AuditEvent), world.count(Application)) == (logged, cases)
    assert state_of(world, case_id(world)) == "unconfirmed"
    assert client.post(confirm, page=confirm).status_code == 303  # the right one still works
    assert state_of(world, case_id(world)) == "submitted"
