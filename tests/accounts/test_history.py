"""One's own sign-ins and refused tries, from the log (A17)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert

from app.core.audit import AuditEvent
from tests.accounts.person import WRONG, person
from tests.world import World

HISTORY = "/settings/sessions/history"


def rows(text: str) -> list[str]:
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", text, re.DOTALL)]


def test_one_sees_what_was_done_and_what_was_refused(world: World) -> None:  # A17
    chief = person(world)
    chief.show_password(world.outsider(), WRONG)
    half = world.outsider()
    chief.show_password(half)
    chief.show_code(half, "000000")
    world.later(minutes=1)
    client = chief.signed_in()
    found = rows(client.get(HISTORY).text)
    assert [("Signed in" in row, "Refused" in row) for row in found] == [(True, False), (False, True), (False, True)]
    assert "Authenticator app" in found[0]
    assert "Wrong code" in found[1]
    assert "Wrong password" in found[2]
    assert all("127.0.0.1" in row or "A browser" in row for row in found)


def test_only_ones_own_and_only_a_month(world: World) -> None:  # A17 C4
    chief, sheriff = person(world), person(world, "sheriff")
    chief.signed_in()
    other = sheriff.signed_in()
    assert len(rows(other.get(HISTORY).text)) == 1
    world.later(days=31)
    assert rows(world.browser("chief").get(HISTORY).text) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_page_holds_fifty_and_leads_on(world: World) -> None:  # A17
    chief = person(world)
    values = {"at": world.now, "verb": "sign_in.refuse", "outcome": "refused", "actor_name": "x", "subject_kind": "account", "detail": "{}"}
    with world.db.write() as session:
        session.execute(insert(AuditEvent), [{**values, "subject_id": chief.id, "address": f"10.0.0.{n}"} for n in range(60)])
    client = world.browser("chief")
    first = client.get(HISTORY).text
    assert len(rows(first)) == 50
    onward = re.search(r"history\?before=\d+", first)[0]  # type: ignore[index]
    second = client.get(f"/settings/sessions/{onward}").text
    assert [len(rows(second)), "Earlier ones" in second] == [10, False]
    assert client.get(f"{HISTORY}?before=x").status_code == 422
