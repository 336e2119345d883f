"""`/agencies`, an agency's page, and the same for scripts."""

from __future__ import annotations

from app.agencies.importing import import_file
from app.membership.models import Member, MemberStatus
from tests.agencies.files import SAMPLE
from tests.people import CAST
from tests.world import World

MEMBERS = [key for key, person in CAST.items() if person.status == MemberStatus.ACTIVE and person.member_class != "partner"]


def test_the_first_page_shows_agencies_of_members(world: World) -> None:
    import_file(world.db, SAMPLE)
    page = world.browser("chief").get("/agencies").text
    assert "Agencies of our members" in page
    assert "Bexley County Sheriff&#39;s Office" in page
    assert "38 sworn" not in page.partition('id="found"')[2]
    assert "25-49 sworn" in page
    assert "Portage" not in page


def test_search_as_typed(world: World) -> None:
    import_file(world.db, SAMPLE)
    page = world.browser("chief").get("/agencies?q=Kalamazoo+sheriff&state=").text
    assert "Kalamazoo County Sheriff&#39;s Office" in page
    assert 'value="Kalamazoo sheriff"' in page
    assert "Portage" not in page
    assert "No agency was found" in world.browser("chief").get("/agencies?q=nothing+here").text
    assert "Portage" in world.browser("chief").get("/agencies?state=mi").text


def test_a_long_list_goes_on(world: World) -> None:
    import_file(world.db, SAMPLE)
    browser = world.browser("chief")
    script = world.script("chief")
    first = script.call("GET", "/agencies?limit=10").json()
    rest = script.call("GET", f"/agencies?limit=10&cursor={first['next']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (10, 7, None)
    assert not {a["id"] for a in first["items"]} & {a["id"] for a in rest["items"]}
    page = browser.get(f"/agencies?state=&q=c&cursor={'x' * 10}")
    assert page.status_code == 422


def test_an_agencys_page_shows_facts_and_members_head_first(world: World) -> None:
    page = world.browser("sheriff").get(f"/agencies/{world.ids.agencies['alderwood']}").text
    assert page.index("Ellen Marchetti") < page.index("Ruth Halvorsen")
    assert page.index("Ellen Marchetti") < page.index("Tom Reyes")
    assert "25-49 sworn" in page
    assert "CS0010100" in page
    assert "chief@alderwood.example" not in page


def test_a_suspended_member_is_not_listed_at_the_agency(world: World) -> None:
    assert world.count(Member, Member.name == "Owen Marsh") == 1
    page = world.browser("chief").get(f"/agencies/{world.ids.agencies['corvane']}").text
    assert "Teresa Bohannon" in page
    assert "Owen Marsh" not in page


def test_an_agency_without_members_says_so(world: World) -> None:
    import_file(world.db, SAMPLE)
    found = world.script("chief").call("GET", "/agencies?q=portage").json()["items"][0]
    assert "No member works here" in world.browser("chief").get(f"/agencies/{found['id']}").text


def test_the_shape_for_scripts_is_the_contracts(world: World) -> None:
    script = world.script("chief")
    alderwood = {
        "id": world.ids.agencies["alderwood"], "ori": "CS0010100", "name": "Alderwood Police Department", "short_name": "Alderwood PD",
        "type": "city", "state": "CS", "county": "Alder", "city": "", "region": "", "sworn": 38, "size_band": "25-49 sworn",
        "population": None,
    }  # fmt: skip
    assert script.call("GET", f"/agencies/{alderwood['id']}").json() == alderwood
    assert script.call("GET", "/agencies?q=alderwood&state=cs").json() == {"items": [alderwood], "next": None}


def test_bad_input_is_told_by_field(world: World) -> None:
    script = world.script("chief")
    for query in ("limit=0", "limit=101", "limit=x", "state=Michigan", "state=%00%00", "cursor=%C3%A9", "q=" + "a" * 201):
        answer = script.call("GET", f"/agencies?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"].split(".")[-1] == query.partition("=")[0]


def test_what_is_not_there_is_not_found(world: World) -> None:
    browser, script = world.browser("chief"), world.script("chief")
    for number in ("999999", "0", "-1", "x", "99999999999999999999", str(2**31)):
        assert browser.get(f"/agencies/{number}").status_code == 404, number
        assert script.call("GET", f"/agencies/{number}").status_code in (404, 422), number


def test_to_a_partner_there_are_no_agencies(world: World) -> None:
    there = f"/agencies/{world.ids.agencies['alderwood']}"
    assert world.browser("chief").get(there).status_code == 200
    assert world.script("chief").call("GET", there).status_code == 200
    vendor, script = world.browser("vendor"), world.script("vendor")
    nothing = vendor.get("/agencies/999999")
    for path in ("/agencies", "/agencies?q=alderwood", there):
        assert vendor.get(path).status_code == 404
        assert script.call("GET", path).status_code == 404
    assert "Alderwood" not in vendor.get(there).text
    assert len(vendor.get(there).text) == len(nothing.text)
    assert 'href="/agencies"' not in nothing.text


def test_outsiders_are_sent_to_sign_in_whether_it_exists_or_not(world: World) -> None:  # C3
    for path in ("/agencies", f"/agencies/{world.ids.agencies['alderwood']}", "/agencies/999999", "/admin/agencies"):
        answer = world.outsider().get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert world.outsider().call("GET", "/agencies").status_code == 401


def test_another_site_cannot_load_the_pages(world: World) -> None:  # C10
    for path in ("/agencies", "/agencies?q=alder", f"/agencies/{world.ids.agencies['alderwood']}"):
        assert world.browser("chief").get(path, **{"sec-fetch-site": "same-origin"}).status_code == 200
        assert world.browser("chief").get(path, **{"sec-fetch-site": "cross-site"}).status_code == 403


def test_as_many_queries_for_three_members_as_for_one(world: World) -> None:
    counts = set()
    for key in ("alderwood", "bexley"):
        browser = world.browser("moderator")  # of a third agency: at their own, whether they are its contact is asked too
        browser.get("/agencies")
        with world.count_queries() as made:
            assert browser.get(f"/agencies/{world.ids.agencies[key]}").status_code == 200
        counts.add(made.count)
    assert counts == {6}  # one counts how many people this member was shown (C14), one finds agencies that are like it
    browser = world.browser("chief")
    lists = set()
    for query in ("q=alderwood", "q=county+police", "q="):
        with world.count_queries() as made:
            browser.get(f"/agencies?{query}")
        lists.add(made.count)
    assert lists == {3}


def test_every_other_member_may_read(world: World) -> None:
    for key in MEMBERS:
        assert "Alderwood" in world.browser(key).get("/agencies?q=alderwood").text, key
