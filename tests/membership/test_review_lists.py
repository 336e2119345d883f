"""The reviewers' lists: state by state, page by page, at the same cost for one case and for three."""

from __future__ import annotations

from tests.membership.cases import REVIEW, submitted
from tests.world import World


def test_lists_by_state_page_by_page(world: World) -> None:
    numbers = [submitted(world, email=f"a{n}@larkspur.example", name=f"Person {n}") for n in range(3)]
    api = world.script("reviewer1", REVIEW)
    first = api.call("GET", "/applications?state=submitted&limit=2").json()
    assert [item["id"] for item in first["items"]] == numbers[:2]
    second = api.call("GET", f"/applications?state=submitted&limit=2&cursor={first['next']}").json()
    assert ([item["id"] for item in second["items"]], second["next"]) == (numbers[2:], None)
    assert api.call("GET", "/applications?state=nonsense").status_code == 422
    assert api.call("GET", "/applications?limit=101").status_code == 422
    assert world.browser("reviewer1").get("/moderation/applications?state=nonsense").status_code == 404


def test_lists_and_cases_take_the_same_queries_for_one_and_three(world: World) -> None:
    browser = world.browser("reviewer1")
    counts = []
    for n in range(3):
        number = submitted(world, email=f"a{n}@larkspur.example", name=f"Person {n}")
        paths = ("/moderation", "/moderation/applications", f"/moderation/applications/{number}")
        for path in paths:
            browser.get(path)
        each = []
        for path in paths:
            with world.count_queries() as queries:
                assert browser.get(path).status_code == 200
            each.append(queries.count)
        counts.append(each)
    assert counts[0] == counts[2]
    assert counts[2][2] == 3  # a case seen before: who asks, itself, who is like it; its papers and its domain are kept
    assert max(counts[2]) <= 6


def test_a_token_without_the_moderate_scope_sees_nothing(world: World) -> None:
    number = submitted(world)
    assert world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").status_code == 200
    assert world.script("reviewer1").call("GET", f"/applications/{number}").status_code == 404
    answer = world.script("reviewer1", "read,moderate").call("POST", f"/applications/{number}/claim", {"version": 2})
    assert answer.status_code == 403
