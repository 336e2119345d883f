"""Comparable agencies: of the same kind, about the size, near first, those with members before others; with why."""

from __future__ import annotations

from app.agencies.models import Agency
from tests.people import LONG_AGO
from tests.world import World


def agency(world: World, n: int, **facts: object) -> int:
    values = {"agency_type": "city", "state": "CS", "county": "Alder", "sworn": 38, "search_text": "", "updated_at": LONG_AGO} | facts
    with world.db.write() as session:
        row = Agency(ori=f"CS8{n:06}", name=f"Town {n:02}", short_name=f"Town {n:02}", **values)
        session.add(row)
        session.flush()
        return row.id


def like(world: World, key: str, who: str = "chief") -> list[dict[str, object]]:
    found: list[dict[str, object]] = world.script(who).call("GET", f"/agencies/{world.ids.agencies[key]}/like").json()["items"]
    return found


def test_the_nearest_of_the_same_kind_and_size_come_first_and_say_why(world: World) -> None:
    far, near, other_size, other_kind = (
        agency(world, 1, state="NB", sworn=38), agency(world, 2, sworn=41), agency(world, 3, sworn=120),
        agency(world, 4, agency_type="county"),
    )  # fmt: skip
    region = agency(world, 5, sworn=52, region="North Coast")
    gone = agency(world, 6, dissolved_on=world.now.date())
    found = like(world, "alderwood")
    assert [one["id"] for one in found] == [near, region, far]
    assert found[0]["why"] == "41 sworn, city or town, CS"
    assert {other_size, other_kind, gone}.isdisjoint(one["id"] for one in found)
    page = world.browser("chief").get(f"/agencies/{world.ids.agencies['alderwood']}").text
    assert "Agencies like this one" in page
    assert "41 sworn, city or town, CS" in page


def test_where_members_are_comes_before_where_none_are(world: World) -> None:
    with world.db.write() as session:
        session.get_one(Agency, world.ids.agencies["corvane"]).sworn = 50
    empty = agency(world, 1, sworn=38)
    assert [one["id"] for one in like(world, "alderwood")] == [world.ids.agencies["corvane"], empty]


def test_without_a_size_the_population_decides_and_without_either_none_is_like_it(world: World) -> None:
    town = agency(world, 1, sworn=None, population=9000)
    same = agency(world, 2, sworn=None, population=12_000)
    agency(world, 3, sworn=None, population=90_000)
    script = world.script("chief")
    found = script.call("GET", f"/agencies/{town}/like").json()["items"]
    assert [(one["id"], one["why"]) for one in found] == [(same, "serves 12,000, city or town, CS")]
    nothing = agency(world, 4, sworn=None, population=None)
    assert script.call("GET", f"/agencies/{nothing}/like").json()["items"] == []


def test_a_partner_finds_no_agency_and_a_list_costs_one_statement(world: World) -> None:
    assert world.script("vendor").call("GET", f"/agencies/{world.ids.agencies['alderwood']}/like").status_code == 404
    counts = []
    for n in (1, 2, 3):
        agency(world, n)
        like(world, "alderwood")
        with world.count_queries() as queries:
            like(world, "alderwood")
        counts.append(queries.count)
    assert len(set(counts)) == 1
