"""The page on which members confirm, what renews at once, what needs a reviewer, and what is closed until then."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import select

from app.agencies.models import AgencyDomain
from app.membership.staying.models import Confirmation
from tests.membership.cases import letters, text_of
from tests.membership.test_staying import change, daily_pass, go_to, seen, standing, subjects
from tests.people import CAST
from tests.world import Client, World

SAME = {"says": "same", "rank": "Sheriff", "phone": "360-555-0114", "words": ""}


def asked(world: World, *keys: str) -> None:
    """It is October, and everyone is asked; these were here the other day."""
    daily_pass(world)
    world.now = dt.datetime(2027, 10, 1, 18, tzinfo=dt.UTC)
    seen(world, *keys)
    daily_pass(world)


def mailed_link(world: World, key: str) -> str:
    found = re.search(r"/verify\?key=\S+", text_of(letters(world, CAST[key].email)[-1]))
    assert found
    return found[0]


def confirm(client: Client, page: str = "/verify", **values: str):
    key = page.partition("key=")[2]
    return client.post("/verify", SAME | {"key": key} | values, page=page)


def with_domain(world: World, agency: str) -> None:
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=world.ids.agencies[agency], domain=f"{agency}.example", approved_at=world.now))


def answers(world: World) -> list[tuple[str, str, str]]:
    with world.db.read() as conn:
        rows = conn.execute(select(Confirmation.says, Confirmation.signal, Confirmation.state).order_by(Confirmation.id))
        return [tuple(row) for row in rows]


def test_the_letters_link_and_an_approved_domain_renew_at_once(world: World) -> None:  # V11
    with_domain(world, "bexley")
    asked(world, "sheriff")
    client, link = world.browser("sheriff"), mailed_link(world, "sheriff")
    page = client.get(link).text
    assert "Please do it by <b>October 31, 2027</b>" in page
    assert world.outsider().get(link).headers["location"].startswith("/sign-in?next=%2Fverify")
    assert confirm(client, link, rank="Sheriff (acting)").headers["location"] == "/?said=membership-confirmed"
    found = standing(world, "sheriff")
    assert (found.verified_at, found.verify_by, found.verify_stage) == (world.now, dt.date(2028, 10, 31), 0)
    assert (found.rank, found.phone) == ("Sheriff (acting)", "360-555-0114")
    assert answers(world) == [("same", "mailbox", "renewed")]
    go_to(world, "2027-12-29")
    assert subjects(world, "sheriff") == ["Please confirm your membership by October 31, 2027"]
    assert confirm(world.browser("sheriff"), link).status_code == 303
    assert answers(world)[-1] == ("same", "", "noted"), "a letter's link counts for the year it was sent in"


def test_the_members_word_alone_waits_for_a_reviewer(world: World) -> None:  # V11
    with_domain(world, "corvane")
    asked(world, "sheriff", "moderator", "reviewer1", "reviewer2")
    for key, page in (("sheriff", mailed_link(world, "sheriff")), ("moderator", "/verify"), ("moderator", mailed_link(world, "sheriff"))):
        assert confirm(world.browser(key), page, rank=CAST[key].rank).headers["location"] == "/verify?said=membership-waits"
    assert answers(world) == [("same", "", "waiting"), ("same", "", "replaced"), ("same", "", "waiting")]
    assert world.browser("sheriff").get("/forums").status_code == 200
    assert world.browser("sheriff").get("/moderation/renewals").status_code == 404
    world.later(days=85)
    seen(world, "reviewer1", "reviewer2")
    go_to(world, "2027-12-29")
    assert standing(world, "sheriff").status == "active", "their turn is over: reviewers are waited for"
    number = world.one(select(Confirmation.id).where(Confirmation.member_id == world.id("sheriff"))).id
    reviewer = world.browser("reviewer1")
    assert CAST["sheriff"].name in reviewer.get("/moderation/renewals").text
    page = f"/moderation/renewals/{number}"
    assert reviewer.post(page, {"verdict": "renew", "note": ""}, page=page).status_code == 422
    assert reviewer.post(page, {"verdict": "renew", "note": "Called the front desk."}, page=page).status_code == 303
    assert standing(world, "sheriff").verified_at == world.now
    assert subjects(world, "sheriff")[-1] == "Your membership is confirmed"
    assert world.browser("reviewer2").post(page, {"verdict": "pause", "note": "x"}, page="/settings/sessions").status_code == 409


def test_who_is_restricted_confirms_and_posts_again(world: World) -> None:  # V11
    with_domain(world, "bexley")
    change(world, "sheriff", status="restricted", way_back=True, verify_stage=5, verify_by=dt.date(2026, 10, 31))
    change(world, "analyst", status="restricted", verify_stage=5, verify_by=dt.date(2026, 10, 31))
    go_to(world, "2026-11-24")
    go_to(world, "2026-12-08")
    for key in ("sheriff", "analyst"):
        client = world.browser(key)
        assert client.get("/forums").status_code == 200
        confirm(client, mailed_link(world, key))
    assert standing(world, "sheriff").status == "active"
    assert standing(world, "analyst").status == "restricted", "what somebody decided is not undone by an answer"


def test_a_change_closes_all_else_until_a_reviewer_has_looked(world: World) -> None:  # V11
    client, script = world.browser("sheriff"), world.script("sheriff")
    assert confirm(client, says="retired").status_code == 422
    assert client.get("/forums").status_code == 200
    assert confirm(client, says="retired", words="Since the first of the month.").headers["location"] == "/verify?said=membership-waits"
    assert client.get("/forums").headers["location"] == "/verify?next=%2Fforums"
    assert client.get("/no/such/page").headers["location"].startswith("/verify")
    assert script.call("GET", "/me").status_code == 401
    assert client.get("/verify").status_code == 200
    number = world.one(select(Confirmation.id)).id
    page, reviewer = f"/moderation/renewals/{number}", world.browser("reviewer1")
    assert "Since the first of the month." in reviewer.get(page).text
    assert reviewer.post(page, {"verdict": "pause", "note": "The desk says so."}, page=page).status_code == 303
    found = standing(world, "sheriff")
    assert (found.status, found.way_back, found.confirm_first) == ("suspended", True, "")
    assert "desk says" not in text_of(letters(world, CAST["sheriff"].email)[-1])
    assert client.get("/verify").status_code == 303


def test_who_was_away_confirms_before_anything_opens(world: World) -> None:  # V11
    client = world.browser("sheriff")
    change(world, "sheriff", confirm_first="quiet")
    there = client.get("/threads/1?from=20").headers["location"]
    assert there == "/verify?next=%2Fthreads%2F1%3Ffrom%3D20"
    for path in ("/", "/settings/profile", "/admin", "/moderation"):
        assert client.get(path).headers["location"].startswith("/verify"), path
    assert client.get(there).status_code == 200
    answer = client.post("/verify", SAME | {"next": "/threads/1?from=20"}, page=there)
    assert answer.headers["location"] == "/threads/1?from=20&said=membership-noted"
    assert client.get("/forums").status_code == 200
    assert standing(world, "sheriff").verified_at is None, "being there is not being confirmed"


def test_reviewers_do_not_settle_their_own_answer(world: World) -> None:  # V11 V1
    change(world, "reviewer1", verify_stage=2, verify_by=dt.date(2026, 11, 30))
    confirm(world.browser("reviewer1"), rank="Manager")
    page = f"/moderation/renewals/{world.one(select(Confirmation.id)).id}"
    own = world.browser("reviewer1")
    assert "How you know" not in own.get(page).text
    assert own.post(page, {"verdict": "renew", "note": "It is me."}, page="/settings/sessions").status_code == 403
    assert "How you know" in world.browser("reviewer2").get(page).text


def test_the_last_administrator_is_neither_closed_out_nor_paused(world: World) -> None:  # V11 L6
    client = world.browser("admin")
    confirm(client, says="moved", words="To another office.", rank="Director")
    assert client.get("/admin").status_code == 200
    page = f"/moderation/renewals/{world.one(select(Confirmation.id)).id}"
    answer = world.browser("reviewer1").post(page, {"verdict": "pause", "note": "Gone."}, page=page)
    assert answer.status_code == 422
    assert "last administrator" in answer.text
