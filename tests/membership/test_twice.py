"""The same person twice: by address, name, phone and network, as another member or case."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.accounts.addresses.models import AccountAddress
from app.membership.alike.keys import name_key, names_in, network_key, phone_key
from app.membership.models import Application, Member
from tests.membership.cases import REVIEW, decide, submitted
from tests.world import World


def duplicate(world: World, number: int, key: str = "reviewer1") -> tuple[str, str]:
    case = world.script(key, REVIEW).call("GET", f"/applications/{number}").json()
    return next((c["state"], c["reason"]) for c in case["checks"] if c["key"] == "duplicate")


def apart(world: World, number: int) -> int:
    """The case came from a network of its own; in tests all come from one."""
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == number).values(address="", network=f"192.0.2.{number}"))
    return number


def other(world: World, **values: str) -> int:
    return submitted(world, **({"email": "x@elsewhere.example", "name": "Dana Other", "phone": "", "supervisor": ""} | values))


def test_other_cases_are_found_by_phone_name_and_network(world: World) -> None:
    first = apart(world, submitted(world, phone="(360) 555-0176 x12"))
    assert duplicate(world, first)[0] == "pass"
    phone, name = (
        apart(world, other(world, **one)) for one in ({"phone": "+1 360.555.0176"}, {"name": "HOLLIS  crané", "email": "y@z.example"})
    )
    assert duplicate(world, phone) == ("attention", f"Case {first} gave the same phone number.")
    assert duplicate(world, name) == ("attention", f"Case {first} is open for the same person.")  # the same name at the same agency
    elsewhere = apart(world, other(world, name="Hollis Crane", email="z@z.example", agency=str(world.ids.agencies["bexley"])))
    assert duplicate(world, elsewhere)[1] == f"Case {name} is of somebody with the same name."
    assert duplicate(world, apart(world, other(world, email="q@z.example", name="Somebody Else")))[0] == "pass"


def test_one_network(world: World) -> None:
    first, second = submitted(world), other(world)
    assert "1 other case came from the same network" in duplicate(world, second)[1]
    assert f"case {first}." in duplicate(world, second)[1]
    world.later(days=91)
    assert duplicate(world, second)[0] == "pass"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [("192.0.2.7", "192.0.2.8", False), ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True), ("2001:db8:1:2::7", "2001:db8:1:3::7", False)],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_network_is_an_address_or_a_64(world: World, one: str, two: str, same: bool) -> None:
    numbers = [submitted(world), other(world)]
    with world.db.write() as session:
        for number, address in zip(numbers, (one, two), strict=True):
            case = session.get(Application, number)
            assert case is not None
            case.address = address
    assert ("same network" in duplicate(world, numbers[1])[1]) is same


def test_members_are_found_by_any_address_name_and_phone(world: World) -> None:
    with world.db.write() as session:
        member = session.get(Member, world.id("sheriff"))
        assert member is not None
        member.phone, name = "360-555-0190", member.name
        session.add(AccountAddress(account_id=member.id, email="old@home.example", confirmed_at=world.now))
    told = {"phone": "1-360-555-0190"}, {"name": name.upper()}, {"email": "old@home.example"}
    said = []
    for values in told:
        number = apart(world, other(world, **{"email": f"n{len(said)}@z.example", **values})) if "email" not in values else None
        said.append(duplicate(world, number)[1] if number else "")
    assert "gave the same phone number" in said[0]
    assert "has the same name" in said[1]
    number = apart(world, other(world, name="Somebody Else"))
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == number).values(email="old@home.example"))
    assert duplicate(world, number) == ("attention", "A member has this very address.")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_member_is_no_duplicate_of_their_own_case(world: World) -> None:
    number = apart(world, submitted(world))
    for key in ("reviewer1", "reviewer2"):
        assert decide(world, key, number).status_code == 201
    assert duplicate(world, number)[0] == "pass"


def test_keys() -> None:
    assert name_key("José  O'Neil-Diaz, Jr.") == "jose oneil diaz jr"
    assert {"lee dunmore", "chief lee"} <= set(names_in("Chief Lee Dunmore"))
    assert {len(names_in(text)) for text in ("", "Lee", "a b c d e f g h i")} == {15}
    assert [phone_key(one) for one in ("1 (276) 555-0199 x4", "276.555.0199", "555-0199", "12", "", "276-555-0199/0200")] == [
        "2765550199", "2765550199", "5550199", "", "", "2765550199",
    ]  # fmt: skip
    assert [network_key(one) for one in ("", "testclient", "2001:db8::1")] == ["", "testclient", "2001:db8::/64"]
