"""The directory: who sees whom, how they are found, and who is at which agency."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from app.accounts.models import Account
from app.core.errors import NotFound
from app.core.paging import cursor
from app.membership import directory
from app.membership.models import Member, MemberClass, MemberStatus
from tests.people import CAST, LONG_AGO
from tests.world import World

CURRENT = {key for key, person in CAST.items() if person.status == MemberStatus.ACTIVE}
PARTNERS_SEE = {key for key in CURRENT if CAST[key].member_class in (MemberClass.STAFF, MemberClass.PARTNER)}
SECRET_PHONE = "503-555-0142"


def change(world: World, key: str, **values: object) -> None:
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id(key)).values(values))


def found(world: World, key: str, text: str = "") -> list[str]:
    names = [item["name"] for item in world.script(key).call("GET", f"/members?q={text}&limit=100").json()["items"]]
    return [next(k for k, person in CAST.items() if person.name == name) for name in names]


# Who sees whom --------------------------------------------------------------------------------------------------------------


def may_see(world: World, key: str, other: str) -> bool:
    with world.db.read() as conn:
        try:
            return bool(directory.member_for(conn, world.actor(key), world.id(other)).name == CAST[other].name)
        except NotFound:
            return False


def test_the_list_and_the_page_agree_for_the_whole_cast(world: World) -> None:
    for key in CURRENT:
        sees = PARTNERS_SEE if CAST[key].member_class == MemberClass.PARTNER else CURRENT
        assert set(found(world, key)) == sees, key
        assert {other for other in CAST if may_see(world, key, other)} == sees, key


@pytest.mark.parametrize("status", [MemberStatus.SUSPENDED, MemberStatus.SEPARATED])
def test_who_is_no_current_member_is_not_there(world: World, status: MemberStatus) -> None:
    page = f"/members/{world.id('colleague')}"
    assert world.browser("chief").get(page).status_code == 200
    assert "colleague" in found(world, "chief")
    change(world, "colleague", status=status)
    gone, never = world.browser("chief").get(page), world.browser("chief").get("/members/999999")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert len(gone.text) == len(never.text)
    assert "Tom Reyes" not in gone.text + world.browser("chief").get("/members").text
    assert "colleague" not in found(world, "chief")
    change(world, "colleague", status=MemberStatus.RESTRICTED)
    assert "colleague" in found(world, "chief")


def test_a_partner_sees_no_agencies_people_anywhere(world: World) -> None:
    page = f"/members/{world.id('chief')}"
    assert "Ellen Marchetti" in world.browser("sheriff").get(page).text
    vendor = world.browser("vendor")
    assert vendor.get(page).status_code == 404
    for text in (vendor.get("/members").text, vendor.get("/members?q=marchetti").text, vendor.get(page).text):
        assert "Marchetti" not in text
        assert "Alderwood" not in text
    assert world.script("vendor").call("GET", page).status_code == 404
    assert "Ray Fontaine" in vendor.get("/members").text


def test_outsiders_cannot_tell_who_is_there(world: World) -> None:  # C3
    for path in ("/members", f"/members/{world.id('chief')}", "/members/999999", "/settings/profile"):
        answer = world.outsider().get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
        assert world.outsider().call("GET", path).status_code == 401
    assert world.browser("suspended").get("/members").status_code == 303


def test_another_site_cannot_load_the_pages(world: World) -> None:  # C10
    browser = world.browser("chief")
    for path in ("/members", "/members?q=ray", f"/members/{world.id('sheriff')}"):
        assert browser.get(path, **{"sec-fetch-site": "same-origin"}).status_code == 200
        assert browser.get(path, **{"sec-fetch-site": "cross-site"}).status_code == 403


# Finding --------------------------------------------------------------------------------------------------------------------


# The agency of two is a sheriff's office, so "bexley sheriff" means both who work there.
MEANT = {
    "ellen": ["chief"],
    "MARCH": ["chief"],
    "marchetti ellen": ["chief"],
    "bexley": ["sheriff", "analyst"],
    "bexley sheriff": ["sheriff", "analyst"],
    "sheriff dale": ["sheriff"],
    "sales": ["vendor"],
    "halden fleet": ["vendor"],
    "chetti": [],
    "ellen reyes": [],
    "%25": [],
}


def test_every_word_must_begin_a_word(world: World) -> None:
    assert {typed: found(world, "admin", typed) for typed in MEANT} == MEANT


def test_accents_do_not_matter_and_a_new_name_is_found_at_once(world: World) -> None:
    with world.db.write() as session:
        session.get_one(Member, world.id("colleague")).name = "Tomás O'Núñez"
    for typed in ("tomas", "Tomás", "nunez", "onunez", "o'nunez", "TOMÁS"):
        answer = world.script("chief").call("GET", f"/members?q={typed}")
        assert [item["name"] for item in answer.json()["items"]] == (["Tomás O'Núñez"] if typed != "nunez" else []), typed
    assert found(world, "chief", "reyes") == []


def test_members_written_row_by_row_are_found_too(world: World) -> None:
    with world.db.write() as session:
        account = Account(email="seeded@association.example", created_at=LONG_AGO)
        session.add(account)
        session.flush()
        row = {
            "id": account.id,
            "name": "Zoë Åkerblom",
            "rank": "Clerk",
            "member_class": "staff",
            "read_before": LONG_AGO,
            "approved_at": LONG_AGO,
        }
        session.execute(insert(Member.__table__), [row])
    assert world.script("vendor").call("GET", "/members?q=akerblom").json()["items"][0]["name"] == "Zoë Åkerblom"


def test_pages_follow_each_other_in_the_order_of_names(world: World) -> None:
    script, names, after = world.script("chief"), [], ""
    while True:
        answer = script.call("GET", f"/members?limit=3&cursor={after}").json()
        names += [item["name"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert names == sorted(CAST[key].name for key in CURRENT)


def test_bad_input_is_told_by_field(world: World) -> None:
    script = world.script("chief")
    for query in ("limit=0", "limit=101", "cursor=x", f"cursor={cursor('a', 'b')}", f"cursor={cursor('a' + chr(0), 1)}"):
        answer = script.call("GET", f"/members?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"].split(".")[-1] == query.partition("=")[0]


def test_the_page_finds_and_goes_on(world: World) -> None:
    browser = world.browser("chief")
    assert "Priya Nair" in browser.get("/members?q=nair").text
    assert "Dale Okafor" not in browser.get("/members?q=nair").text
    assert "No member was found" in browser.get("/members?q=nobody").text
    with world.db.write() as session:
        accounts = [Account(email=f"m{n}@association.example", created_at=LONG_AGO) for n in range(30)]
        session.add_all(accounts)
        session.flush()
        session.add_all(
            Member(id=account.id, name=f"Aaron Member {n:02}", member_class="staff", read_before=LONG_AGO, approved_at=LONG_AGO)
            for n, account in enumerate(accounts)
        )
    page = browser.get("/members?q=member").text
    link = page.split('rel="next"')[0].rpartition('href="')[2].rstrip('" ').replace("&amp;", "&")
    assert "Aaron Member 24" in page
    assert "Aaron Member 25" not in page
    assert "Aaron Member 25" in browser.get(link).text


def test_as_many_queries_for_many_as_for_one(world: World) -> None:
    browser, script, counts = world.browser("chief"), world.script("chief"), []
    browser.get("/members")
    for typed in ("ellen", "bexley", ""):
        with world.count_queries() as made:
            browser.get(f"/members?q={typed}")
        with world.count_queries() as called:
            script.call("GET", f"/members?q={typed}")
        counts.append((made.count, called.count))
    assert counts == [(4, 3)] * 3  # who asks, the list, and how much of it they have had; on the page also the subjects to choose from


# At agencies ---------------------------------------------------------------------------------------------------------------


def test_an_agency_lists_its_people_in_one_query_head_first(world: World) -> None:
    with world.count_queries() as made, world.db.read() as conn:
        actor = world.actor("sheriff")
        rows = directory.members_at(conn, actor, world.ids.agencies["alderwood"])
    assert [(row.name, row.class_name) for row in rows] == [
        ("Ellen Marchetti", "Head of agency"), ("Ruth Halvorsen", "Retired"), ("Tom Reyes", "Sworn"),
    ]  # fmt: skip
    assert made.count == 2
    with world.db.read() as conn:
        assert directory.members_at(conn, world.actor("vendor"), world.ids.agencies["alderwood"]) == []


def test_who_has_members_is_told_by_current_ones(world: World) -> None:
    with world.db.read() as conn:
        assert set(conn.execute(directory.STAFFED).scalars()) == set(world.ids.agencies.values())
    for key in ("moderator", "other_moderator", "reviewer2"):
        change(world, key, status=MemberStatus.SEPARATED)
    assert world.count(Member, Member.agency_id == world.ids.agencies["corvane"]) == 4
    with world.db.read() as conn:
        assert world.ids.agencies["corvane"] not in set(conn.execute(directory.STAFFED).scalars())
