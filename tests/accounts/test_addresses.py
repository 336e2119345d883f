"""Several confirmed addresses: added by a code from the mailbox, told to all, and nobody else's (A10)."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.addresses.models import AccountAddress, AddressRequest
from app.accounts.models import Account
from app.mail.models import OutboxMessage
from app.membership.models import Member
from tests.membership.cases import apply, letters, text_of
from tests.world import Client, World

PAGE = "/settings/sign-in/addresses"
HOME = "e.marchetti@home.example"


def ask(client: Client, email: str) -> httpx.Response:
    return client.post(PAGE, {"email": email}, page=PAGE)


def code_for(world: World, email: str) -> str:
    return re.search(r"\b([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})\b", text_of(letters(world, email)[-1]))[1]  # type: ignore[index]


def confirm(client: Client, code: str) -> httpx.Response:
    return client.post(f"{PAGE}/confirm", {"code": code}, page=PAGE)


def add(world: World, client: Client, email: str = HOME) -> int:
    assert ask(client, email).status_code == 303
    assert confirm(client, code_for(world, email)).status_code == 303
    return int(world.one(select(AccountAddress.id).where(AccountAddress.email == email)).id)


def mine(world: World, key: str = "chief") -> list[tuple[str, bool]]:
    a = AccountAddress
    with world.db.read() as conn:
        return [tuple(r) for r in conn.execute(select(a.email, a.is_agency).where(a.account_id == world.id(key)).order_by(a.id))]


def act(client: Client, address_id: int, what: str) -> httpx.Response:
    return client.post(f"{PAGE}/{address_id}/{what}", page=PAGE)


def test_a_second_address_takes_the_code_from_its_mailbox(world: World) -> None:  # A10
    chief = world.browser("chief")
    ask(chief, HOME)
    assert f"Confirm {HOME}" in chief.get(PAGE).text
    assert confirm(chief, "AAAA-BBBB-CCCC-DDDD").status_code == 422
    assert mine(world) == [("chief@alderwood.example", True)]
    assert confirm(chief, code_for(world, HOME).lower().replace("-", " ")).status_code == 303  # as people type
    assert mine(world) == [("chief@alderwood.example", True), (HOME, False)]
    told = [letters(world, to)[-1] for to in ("chief@alderwood.example", HOME)]
    assert all("An address was added" in text_of(letter) for letter in told)
    assert world.count(AddressRequest) == 0


def test_the_code_counts_in_the_browser_that_asked_and_for_a_day(world: World) -> None:  # A10
    chief, other, colleague = world.browser("chief"), world.browser("chief"), world.browser("colleague")
    ask(chief, HOME)
    code = code_for(world, HOME)
    for client in (other, colleague):
        assert confirm(client, code).status_code == 422
    world.later(hours=23)
    fresh = world.browser("chief")
    assert confirm(fresh, code).status_code == 422
    assert world.count(AccountAddress, AccountAddress.email == HOME) == 0


def test_somebody_elses_address_gets_the_same_answer_and_no_code(world: World) -> None:  # A15 A10
    chief = world.browser("chief")

    def page_after(email: str) -> str:
        answer = ask(chief, email)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=address-asked")
        text = chief.get(PAGE).text.replace(email, "ADDRESS")
        return re.sub(r'(nonce|content|value|hx-headers:inherited|data-[\w-]+)=("[^"]*"|\'[^\']*\')', r"\1", text)

    assert page_after("sheriff@bexley.example") == page_after("free@nowhere.example")
    ask(chief, "sheriff@bexley.example")
    letter = text_of(letters(world, "sheriff@bexley.example")[-1])
    assert not re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", letter)
    assert "alderwood" not in letter


def test_an_address_is_one_persons_however_it_is_written(world: World) -> None:  # A10
    add(world, world.browser("chief"))
    double = insert(Account).values(email=HOME, created_at=world.now)
    for statement in (double, update(Account).where(Account.id == world.id("sheriff")).values(email=HOME)):
        with pytest.raises(IntegrityError), world.db.write() as session:
            session.execute(statement)
    apply(world, email=HOME)
    assert "already a member" in str(letters(world, HOME)[-1]["Subject"])
    sheriff = world.browser("sheriff")
    ask(sheriff, HOME)
    assert "a member's already" in text_of(letters(world, HOME)[-1]).replace("\n", " ")


def test_two_who_confirm_one_address_are_one_too_many(world: World) -> None:  # A10
    chief, sheriff = world.browser("chief"), world.browser("sheriff")
    ask(chief, HOME)
    first = code_for(world, HOME)
    ask(sheriff, HOME)
    second = code_for(world, HOME)
    assert confirm(chief, first).status_code == 303
    assert confirm(sheriff, second).status_code == 422
    assert mine(world, "sheriff") == [("sheriff@bexley.example", True)]


def test_signing_in_with_another_one_is_told_to_all_and_leaves_the_agencys_mark(world: World) -> None:  # A10
    chief = world.browser("chief")
    home = add(world, chief)
    assert act(chief, home, "primary").status_code == 303
    assert world.one(select(Account.email).where(Account.id == world.id("chief"))).email == HOME
    assert mine(world) == [("chief@alderwood.example", True), (HOME, False)]
    for to in (HOME, "chief@alderwood.example"):
        assert "was changed from chief@alderwood.example" in text_of(letters(world, to)[-1]).replace("\n", " ")
    assert act(chief, home, "remove").status_code == 409  # nobody removes what they sign in with


def test_a_removed_address_is_told_for_the_last_time_and_the_agencys_asks_membership(world: World) -> None:  # A10
    by = select(Member.verify_by).where(Member.id == world.id("chief"))
    chief = world.browser("chief")
    home = add(world, chief)
    assert act(chief, home, "primary").status_code == 303
    first = int(world.one(select(func.min(AccountAddress.id)).where(AccountAddress.account_id == world.id("chief")))[0])
    before = world.one(by).verify_by
    assert act(chief, first, "remove").status_code == 303
    assert world.one(by).verify_by != before
    asked = [text_of(one) for one in letters(world, HOME) if "/verify" in text_of(one)]
    assert ["is another one now, or none" in one for one in asked] == [True]
    assert "An address was removed" in text_of(letters(world, "chief@alderwood.example")[-1])
    assert mine(world) == [(HOME, False)]
    count = world.count(OutboxMessage, OutboxMessage.recipient == "chief@alderwood.example")
    assert act(chief, home, "agency").status_code == 303
    assert mine(world) == [(HOME, True)]
    assert world.count(OutboxMessage, OutboxMessage.recipient == "chief@alderwood.example") == count


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_only_ones_own_and_only_after_the_second_factor(world: World) -> None:  # A10 C4
    home = add(world, world.browser("chief"))
    sheriff, stale = world.browser("sheriff"), world.browser("chief", stepped_up=False)
    for what in ("remove", "primary", "agency"):
        assert act(sheriff, home, what).status_code == 404
        answer = stale.request("POST", f"{PAGE}/{home}/{what}", data={}, headers={"origin": "http://localhost:8000"})
        assert answer.headers.get("location", "").startswith("/step-up") or answer.status_code == 403
    assert HOME not in sheriff.get(PAGE).text
    assert mine(world) == [("chief@alderwood.example", True), (HOME, False)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_letters_and_addresses_are_few(world: World) -> None:
    chief = world.browser("chief")
    for n in range(4):
        add(world, chief, f"n{n}@home.example")
    assert "Remove one first" in ask(chief, "n5@home.example").text
    colleague = world.browser("colleague")
    for _ in range(5):
        ask(colleague, "victim@nowhere.example")
    assert len(letters(world, "victim@nowhere.example")) == 3
    assert "one of your addresses already" in ask(colleague, "colleague@alderwood.example").text
