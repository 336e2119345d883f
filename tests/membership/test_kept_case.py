"""A case's page is kept while it says the same: it must never say what was, and never hold another session's token."""

from __future__ import annotations

import re

import pytest

from tests.membership.cases import act, submitted, version_of
from tests.world import ORIGIN, World


@pytest.fixture
def case(world: World) -> str:
    return f"/moderation/applications/{submitted(world)}"


def tokens(text: str) -> set[str]:
    return set(re.findall(r'name="csrf" value="([^"]+)"', text))


def test_each_session_gets_its_own_tokens(world: World, case: str) -> None:  # A14
    one, again, other = world.browser("reviewer1"), world.browser("reviewer1"), world.browser("reviewer2")
    texts = [browser.get(case).text for browser in (one, one, again, other)]
    found = [tokens(text) for text in texts]
    assert [len(each) for each in found] == [1, 1, 1, 1]
    assert len(set.union(*found)) == 4
    note = {"text": "With the token of the page.", "version": str(version_of(world, int(case.rpartition("/")[2])))}
    assert again.request("POST", f"{case}/notes", data=note | {"csrf": found[2].pop()}, headers={"origin": ORIGIN}).status_code == 303
    assert again.request("POST", f"{case}/notes", data=note | {"csrf": found[0].pop()}, headers={"origin": ORIGIN}).status_code == 403
    assert len({re.search(r'nonce="([^"]+)"', text)[1] for text in texts}) == 4  # type: ignore[index]  # new in each answer
    assert "<!--gap" not in "".join(texts)


def test_what_changed_is_shown_at_once(world: World, case: str) -> None:
    reviewer = world.browser("reviewer1")
    number = int(case.rpartition("/")[2])
    assert "Claim for 30 minutes" in reviewer.get(case).text
    act(world, "reviewer1", number, "claim")
    assert "Yours until" in reviewer.get(case).text
    act(world, "reviewer2", number, "notes", text="Rang the town hall, nobody there.")
    assert "Rang the town hall" in reviewer.get(case).text
    world.later(minutes=31)
    assert "Claim for 30 minutes" in reviewer.get(case).text, "a lease runs out without any row that changes"


def test_what_was_typed_and_a_notice_are_not_kept(world: World, case: str) -> None:
    reviewer = world.browser("reviewer1")
    reviewer.get(case)
    refused = reviewer.post(f"{case}/call-backs", {"number": "360-555-0199", "version": "1"}, page=case)
    assert (refused.status_code, "360-555-0199" in refused.text) == (422, True)
    assert "360-555-0199" not in reviewer.get(case).text
    assert 'class="flash"' in reviewer.get(f"{case}?said=noted").text
    assert 'class="flash"' not in reviewer.get(case).text
