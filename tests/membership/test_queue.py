"""The reviewers' queue: who stands in which view, the oldest first, with counts that match; what it costs; whose cases it keeps away."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import delete, insert, update

from app.core.signing import token_hash
from app.core.site import SiteRow
from app.membership.applications import queue
from app.membership.models import Application, ApplicationState, Decision, Purpose
from tests.membership.cases import REVIEW, act, decide, make_ready, state_of, submitted, version_of
from tests.world import Client, World

VIEWS = tuple(queue.VIEWS)


def rows(world: World, count: int, **values: object) -> list[int]:
    """Cases written straight into the table, each a minute younger than the one before."""
    start = world.now - dt.timedelta(days=30)
    first = 1000 + world.count(Application)
    numbers = list(range(first, first + count))
    written = [
        {"id": n, "state": "submitted", "version": 2, "name": f"Applicant {n}", "email": f"a{n}@larkspur.example", "member_class": "sworn",
         "created_at": start, "submitted_at": start + dt.timedelta(minutes=n - first),
         "status_token_hash": token_hash(f"s{n}"), "confirm_token_hash": token_hash(f"c{n}")} | values
        for n in numbers
    ]  # fmt: skip
    with world.db.write() as session:
        session.execute(insert(Application.__table__), written)
    return numbers


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/moderation/applications/(\d+)"', page)]


def counted(page: str) -> dict[str, str]:
    found = dict(re.findall(r'<a href="/moderation(?:\?view=(\w+))?"[^>]*>[^<]+<span>([0-9+]+)</span>', page))
    return {name or "waiting": number for name, number in found.items()}


def look(browser: Client) -> tuple[dict[str, list[int]], dict[str, str]]:
    """What each view lists, and the numbers that its tab shows, which are the same on every view."""
    pages = {view: browser.get(f"/moderation?view={view}").text for view in VIEWS}
    counts = {view: counted(page) for view, page in pages.items()}
    assert len({tuple(sorted(each.items())) for each in counts.values()}) == 1
    return {view: shown(page) for view, page in pages.items()}, counts["mine"]


def test_each_view_lists_what_its_number_says(world: World) -> None:
    new, mine, theirs, asked, signed = (submitted(world, email=f"q{n}@larkspur.example") for n in range(5))
    act(world, "reviewer1", mine, "claim")
    act(world, "reviewer2", theirs, "claim")
    act(world, "reviewer1", asked, "questions", text="Which unit?")
    decide(world, "reviewer1", signed)
    lists, counts = look(world.browser("reviewer1"))
    assert lists == {"waiting": [new, mine], "mine": [mine], "unclaimed": [new], "asked": [asked], "second": [signed]}
    assert counts == {view: str(len(found)) for view, found in lists.items()}
    lists, counts = look(world.browser("reviewer2"))
    assert lists == {"waiting": [new, theirs, signed], "mine": [theirs], "unclaimed": [new], "asked": [asked], "second": [signed]}
    assert counts == {view: str(len(found)) for view, found in lists.items()}
    world.later(minutes=31)  # the claims are over
    lists, _ = look(world.browser("reviewer2"))
    assert (lists["mine"], lists["unclaimed"]) == ([], [new, mine, theirs])
    assert world.browser("reviewer1").get("/moderation?view=all").status_code == 404


def test_a_row_says_who_what_and_by_whom_and_is_claimed_from_the_list(world: World) -> None:
    number = submitted(world)
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == number).values(purpose=Purpose.RETURN))
    world.later(hours=30)
    browser = world.browser("reviewer1")
    page = browser.get("/moderation").text
    for words in ("Hollis Crane, Lieutenant", "Corvane Police Department, CS", "Sworn", "Wants to return", "30 hours", "Oldest waiting"):
        assert words in page, words
    version = str(version_of(world, number))
    answer = browser.post(f"/moderation/applications/{number}/claim", {"version": version}, page="/moderation")
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, f"/moderation/applications/{number}")
    assert "Yours until" in browser.get("/moderation?view=mine").text
    assert "With Joan Whitlock until" in world.browser("reviewer2").get("/moderation/applications?state=in_review").text
    assert "data-claim" not in browser.get("/moderation?view=mine").text


def test_one_who_signed_is_not_asked_to_claim_again(world: World) -> None:
    number = submitted(world)
    decide(world, "reviewer1", number)
    assert "data-claim" in world.browser("reviewer2").get("/moderation?view=second").text
    page = world.browser("reviewer1").get("/moderation?view=second").text
    assert shown(page) == [number]
    assert "data-claim" not in page


def test_figures_say_how_long_it_takes(world: World) -> None:
    def figure(label: str) -> str:
        page = world.browser("reviewer1").get("/moderation").text
        return re.findall(rf"<dt>{label}</dt><dd>([^<]+)</dd>", page)[0]

    submitted(world)
    assert figure("Oldest waiting") == "1 minute"
    with world.db.write() as session:
        session.execute(delete(Application))
    assert [figure(label) for label in ("Oldest waiting", "Median time to decide", "Decided this month")] == ["None", "None yet", "0"]
    day = dt.timedelta(days=1)
    for days in (1, 3, 8):
        rows(world, 1, state="declined", submitted_at=world.now - days * day, decided_at=world.now)
    old = rows(world, 40, state="declined", submitted_at=world.now - 150 * day, decided_at=world.now - 60 * day)  # older than the last 30
    rows(world, 1, state="withdrawn", submitted_at=world.now - 99 * day, decided_at=world.now)
    assert figure("Decided this month") == "3"
    assert figure("Median time to decide") == "90 days"  # 27 of the last 30
    assert "of the last 30 cases" in world.browser("reviewer1").get("/moderation").text
    with world.db.write() as session:
        session.execute(delete(Application).where(Application.id.in_(old)))
    assert figure("Median time to decide") == "3 days"
    assert "of the last 3 cases" in world.browser("reviewer1").get("/moderation").text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_pages_follow_each_other_and_numbers_stop_at_99(world: World) -> None:
    numbers, browser = rows(world, 120), world.browser("reviewer1")
    first = browser.get("/moderation").text
    assert shown(first) == numbers[:50]
    assert counted(first)["waiting"] == "99+"
    seen, page = shown(first), first
    while 'rel="next"' in page:
        page = browser.get(re.findall(r'href="([^"]+)" rel="next"', page)[0].replace("&amp;", "&")).text
        seen += shown(page)
    assert seen == numbers
    assert browser.get("/moderation?after=nonsense").status_code == 422


def test_the_page_takes_as_many_statements_for_many_as_for_one(world: World) -> None:
    browser, made = world.browser("reviewer1"), []
    browser.get("/moderation")
    for count in (1, 3, 60):
        rows(world, count)
        with world.count_queries() as queries:
            assert browser.get("/moderation").status_code == 200
        made.append(queries.count)
    assert made == [6] * 3  # who asks, the list, the numbers, and three figures


# The reviewer's own agency -------------------------------------------------------------------------------------------------


def hide_own_agency(world: World) -> None:
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="A", address="B", time_zone="UTC", hides_own_agency=True))


def test_a_case_of_ones_own_agency_is_not_there_if_the_association_says_so(world: World) -> None:
    """reviewer2 works at Corvane; reviewer1 at no agency."""
    number = submitted(world)
    other = submitted(world, email="h.crane@alder.example", agency=str(world.ids.agencies["alderwood"]))
    twin = submitted(world)  # same address and agency: named as an earlier one on a case that stays
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == other).values(email="h.crane@larkspur.example"))
    world.script("reviewer2", REVIEW)
    ways = ("/moderation", "/moderation?view=unclaimed", "/moderation/applications", f"/moderation/applications/{number}")

    def leaks(key: str) -> list[bool]:
        browser, script = world.browser(key), world.script(key, REVIEW)
        page = [f"/moderation/applications/{number}" in browser.get(way).text for way in ways]
        listed = [item["id"] for item in script.call("GET", "/applications").json()["items"]]
        earlier = [case["id"] for case in script.call("GET", f"/applications/{other}").json()["earlier"]]
        one = script.call("GET", f"/applications/{number}").status_code == 200
        return [*page, number in listed, number in earlier, one]

    assert leaks("reviewer2") == [True] * 7  # while nothing is said, all of it is there
    assert counted(world.browser("reviewer2").get("/moderation").text)["waiting"] == "3"
    hide_own_agency(world)
    assert leaks("reviewer2") == [False] * 7
    assert leaks("reviewer1") == [True] * 7
    page = world.browser("reviewer2").get("/moderation").text
    assert (shown(page), counted(page)["waiting"]) == ([other], "1")
    assert counted(world.browser("reviewer1").get("/moderation").text)["waiting"] == "3"
    make_ready(world, number)
    acts = {"claim": {}, "notes": {"text": "x"}, "evidence": {"kind": "dues", "note": "x"}, "questions": {"text": "x"},
            "decisions": {"verdict": "approve", "reason": "x"}}  # fmt: skip
    for what, body in acts.items():
        assert act(world, "reviewer2", number, what, **body).status_code == 404, what
        assert act(world, "reviewer1", twin, what, **body).status_code in (200, 201, 422), what
    assert (world.count(Decision), state_of(world, number)) == (0, ApplicationState.SUBMITTED)
    assert act(world, "reviewer2", other, "claim").status_code == 200


def test_the_administrator_says_so_on_the_association_page(world: World) -> None:
    number, admin = submitted(world), world.browser("admin")
    values = {"name": "Cascade Association", "address": "1 Main St", "time_zone": "UTC"}
    assert admin.post("/admin/settings", values, page="/admin/settings").status_code == 303
    assert f"/applications/{number}" in world.browser("reviewer2").get("/moderation").text
    assert admin.post("/admin/settings", values | {"hides_own_agency": "yes"}, page="/admin/settings").status_code == 303
    assert f"/applications/{number}" not in world.browser("reviewer2").get("/moderation").text
    assert re.search(r'name="hides_own_agency"[^>]*checked', admin.get("/admin/settings").text)
