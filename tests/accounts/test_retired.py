"""A retired member signs in with a passkey and has a confirmed address of their own; nothing else opens before (V12)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, select, update

from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, Authenticator
from app.agencies.models import AgencyDomain
from app.membership.models import Application, Member
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.softkey import SoftKey, add, asked, one_tap
from tests.membership.cases import letters, text_of
from tests.world import ORIGIN, Client, World

ROLE, OWN, SETTINGS = "/sign-in/role", "/sign-in/address", "/settings/sign-in"
HOME = "ruth@home.example"


def with_code(who: Person) -> Client:
    client = who.world.outsider()
    assert who.show_password(client).headers["location"] == "/sign-in/factor"
    assert who.show_code(client).headers["location"] == ROLE
    return client


def with_passkey(who: Person) -> tuple[Client, SoftKey]:
    """Signed in with password and code, and the first passkey added: what waits is the address."""
    client, passkey = with_code(who), SoftKey()
    options = asked(client, "/sign-in/challenge", ROLE)
    done = client.post(ROLE, {"name": "Phone", "credential": passkey.make(options)}, page=ROLE)
    assert done.headers["location"] == OWN
    return client, passkey


def code_to(world: World, address: str) -> str:
    found = re.search(r"\b(?:[A-Z2-7]{4}-)+[A-Z2-7]{4}\b", text_of(letters(world, address)[-1]))
    assert found, text_of(letters(world, address)[-1])
    return found[0]


def give(world: World, *emails: str) -> None:
    """Confirmed addresses of the retired member, beside the agency's."""
    with world.db.write() as session:
        rows = [AccountAddress(account_id=world.id("retired"), email=email, confirmed_at=world.now) for email in emails]
        session.add_all(rows)


def test_password_and_code_alone_open_nothing_and_then_both_are_set_up(world: World) -> None:  # V12 A2
    assert world.browser("retired").get("/forums").status_code == 200, "what there is to be seen"
    client, passkey = with_passkey(person(world, "retired"))
    for path in ("/", "/forums", "/threads/1", SETTINGS, "/settings/sign-in/addresses", "/step-up", "/members"):
        assert client.get(path).headers["location"].startswith("/sign-in"), path
    assert "You are a retired member" in client.get(OWN).text
    sent = client.post(OWN, {"email": HOME}, page=OWN)
    assert sent.headers["location"] == OWN
    assert HOME in client.get(OWN).text
    wrong = client.post(f"{OWN}/confirm", {"code": "AAAA-AAAA-AAAA-AAAA"}, page=OWN)
    assert (wrong.status_code, 'id="code-error"' in wrong.text) == (422, True)
    assert client.get("/forums").status_code == 303
    assert client.post(f"{OWN}/confirm", {"code": code_to(world, HOME)}, page=OWN).headers["location"] == "/"
    assert client.get("/forums").status_code == 200
    world.later(hours=1)
    later = world.outsider()
    assert one_tap(later, passkey).headers["location"] == "/", "asked once"
    assert later.get("/forums").status_code == 200


def test_an_address_alone_is_not_enough_and_a_passkey_alone_neither(world: World) -> None:  # V12
    give(world, HOME)
    client = with_code(person(world, "retired"))
    assert client.get("/forums").status_code == 303
    options = asked(client, "/sign-in/challenge", ROLE)
    passkey = SoftKey()
    assert client.post(ROLE, {"name": "P", "credential": passkey.make(options)}, page=ROLE).headers["location"] == "/"
    with world.db.write() as session:
        session.execute(delete(AccountAddress).where(AccountAddress.email == HOME))
    world.later(hours=1)
    again = world.outsider()
    assert one_tap(again, passkey).headers["location"] == OWN
    assert again.get("/forums").status_code == 303


@pytest.mark.parametrize(
    "email", ["ruth@alderwood.example", "r.halvorsen@corvane-police.example", "ruth@mail.corvane-police.example", "ruth@state.gov",
              "ruth@ci.alderwood.wa.us", "ruth@navy.mil"],
)  # fmt: skip
def test_an_agencys_address_is_not_their_own(world: World, email: str) -> None:  # V12
    with world.db.write() as session:
        record = {"agency_id": world.ids.agencies["corvane"], "domain": "corvane-police.example", "reason": "Their own."}
        session.add(AgencyDomain(**record, approved_at=world.now))
    client, _ = with_passkey(person(world, "retired"))
    answer = client.post(OWN, {"email": email}, page=OWN)
    assert (answer.status_code, 'id="email-error"' in answer.text, email in answer.text) == (422, True, True)
    assert letters(world, email) == []
    give(world, email.replace("ruth", "r"))
    assert client.get("/forums").status_code == 303
    assert client.post(OWN, {"email": HOME}, page=OWN).headers["location"] == OWN


def test_saying_that_another_address_was_the_agencys_makes_the_agencys_no_ones_own(world: World) -> None:  # V12
    vetted(world, "retired@alderwood.example")
    give(world, "ruth.second@alderwood.example")
    with world.db.write() as session:
        session.execute(update(AccountAddress).values(is_agency=AccountAddress.email == "ruth.second@alderwood.example"))
    client, _ = with_passkey(person(world, "retired"))
    assert client.get("/forums").status_code == 303


@pytest.mark.parametrize("email", ["ruth.h@gmail.com", "ruth@halvorsen.example"])
def test_what_a_retired_applicant_was_vetted_with_is_their_own(world: World, email: str) -> None:  # V12
    vetted(world, email, "retired")
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id == world.id("retired")).values(email=email))
    retired = person(world, "retired")
    client = world.outsider()
    client.post("/sign-in", {"email": email, "password": PASSWORD, "consent": "yes"}, page="/sign-in")
    assert retired.show_code(client).headers["location"] == ROLE
    options = asked(client, "/sign-in/challenge", ROLE)
    assert client.post(ROLE, {"name": "P", "credential": SoftKey().make(options)}, page=ROLE).headers["location"] == "/"


def test_their_own_page_says_what_is_missing(world: World) -> None:  # V12
    browser = world.browser("retired")
    page = browser.get(SETTINGS).text
    assert "As a retired member" in page
    assert page.count("Missing") == 2
    give(world, HOME)
    assert browser.get(SETTINGS).text.count("Missing") == 1
    add(browser, SoftKey())
    assert "Missing" not in browser.get(SETTINGS).text
    assert "As a retired member" not in world.browser("colleague").get(SETTINGS).text


def vetted(world: World, email: str, member_class: str = "sworn") -> None:
    """The case by which the retired member once came."""
    with world.db.write() as session:
        case = Application(name="Ruth Halvorsen", email=email, member_class=member_class, state="approved", founding=True)
        case.member_id, case.created_at = world.id("retired"), world.now
        case.status_token_hash, case.confirm_token_hash = b"s" * 32, b"c" * 32
        session.add(case)


def test_neither_can_be_taken_away_again(world: World) -> None:  # V12
    give(world, HOME)
    vetted(world, "retired@alderwood.example")
    browser = world.browser("retired")
    add(browser, SoftKey())
    here = "/settings/sign-in/addresses"
    number = world.one(select(AccountAddress.id).where(AccountAddress.email == HOME)).id
    refused = browser.post(f"{here}/{number}/remove", page=here)
    assert (refused.status_code, "the only address that is your own" in refused.text) == (409, True)
    assert world.count(AccountAddress, AccountAddress.email == HOME) == 1
    key = world.one(select(Authenticator.id).where(Authenticator.kind == "passkey")).id
    person(world, "retired")  # an authenticator app beside it
    page = f"{SETTINGS}/authenticators/{key}"
    assert browser.post(f"{page}/remove", page=page).status_code == 409
    give(world, "second@home.example")
    assert browser.post(f"{here}/{number}/remove", page=here).status_code == 303


def test_who_retires_is_signed_out_and_asked_at_the_next_sign_in(world: World) -> None:  # V12
    colleague = person(world, "colleague")
    client, script = colleague.signed_in(), world.script("colleague")
    assert (client.get("/forums").status_code, script.call("GET", "/me").status_code) == (200, 200)
    number, body = world.id("colleague"), {"status": "retired", "reason": "Retired."}
    assert world.script("admin", "read,write,moderate,admin").call("POST", f"/members/{number}/status", body).status_code == 200
    assert client.get("/forums").status_code == 303
    assert script.call("GET", "/me").status_code == 401
    assert "passkey" in text_of(letters(world, "colleague@alderwood.example")[-1])
    world.later(minutes=1)
    with_passkey(colleague)
    assert world.one(select(Member.member_class).where(Member.id == number)).member_class == "retired"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_others_have_no_part_in_that_page(world: World) -> None:
    chief = person(world)
    client = world.outsider()
    chief.show_password(client)
    assert client.get(OWN).headers["location"] == "/sign-in", "a session that waits for a code"
    assert client.post(OWN, {"email": HOME}, page="/sign-in/factor").status_code == 303
    assert client.post(f"{OWN}/confirm", {"code": "AAAA"}, page="/sign-in/factor").status_code == 303
    assert letters(world, HOME) == []
    assert chief.show_code(client).headers["location"] == "/", "no other member is asked for an address"


@pytest.mark.parametrize(("minutes", "is_good"), [(58, True), (61, False)])
def test_the_letter_may_take_its_time_but_not_for_ever(world: World, minutes: int, is_good: bool) -> None:  # V12 A13
    client, _ = with_passkey(person(world, "retired"))
    assert client.post(OWN, {"email": HOME}, page=OWN).headers["location"] == OWN
    assert ("for an hour" in text_of(letters(world, HOME)[-1]), "Within a day" in client.get(OWN).text) == (True, False)
    code, token = code_to(world, HOME), client.csrf(OWN)
    world.later(minutes=minutes)
    client.request("POST", f"{OWN}/confirm", data={"code": code, "csrf": token}, headers={"origin": ORIGIN})
    assert (client.get("/forums").status_code == 200) == is_good
    assert world.count(AccountAddress, AccountAddress.email == HOME) == is_good
