"""`GET /me`: who a token speaks for."""

from __future__ import annotations

from tests.people import CAST
from tests.world import World

SIGNED_IN = [key for key in CAST if key != "suspended"]


def test_a_chief_and_their_agency(world: World) -> None:
    assert world.script("chief").call("GET", "/me").json() == {
        "id": world.id("chief"),
        "name": "Ellen Marchetti",
        "rank": "Chief",
        "email": "chief@alderwood.example",
        "member_class": "head",
        "roles": [],
        "agency": {
            "id": world.ids.agencies["alderwood"],
            "ori": "CS0010100",
            "name": "Alderwood Police Department",
            "state": "CS",
            "county": "Alder",
            "sworn": 38,
        },
    }


def test_roles_are_named_and_a_partner_has_no_agency(world: World) -> None:
    assert world.script("admin").call("GET", "/me").json()["roles"] == ["admin"]
    assert world.script("reviewer1").call("GET", "/me").json()["roles"] == ["reviewer"]
    assert world.script("vendor").call("GET", "/me").json()["agency"] is None


def test_everyone_gets_themselves(world: World) -> None:
    for key in SIGNED_IN:
        me = world.script(key).call("GET", "/me").json()
        assert (me["id"], me["email"], me["member_class"]) == (world.id(key), CAST[key].email, CAST[key].member_class.value)


def test_nobody_else_gets_anything(world: World) -> None:
    assert world.script("suspended").call("GET", "/me").status_code == 401
    assert world.outsider().call("GET", "/me").status_code == 401
    assert world.browser("chief").call("GET", "/me").status_code == 401  # a cookie is no token


def test_two_queries(world: World) -> None:
    script = world.script("chief")
    with world.count_queries() as made:
        script.call("GET", "/me")
    assert made.count == 2
