"""The link "this was not me" that stands in each letter about a change: what pressing it ends and takes back (A10)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts import operations
from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, Authenticator, BearerToken, RecoveryCode, SignInSession
from app.core.audit import AuditEvent
from tests.accounts.events import (
    BOTH,
    Owner,
    added_authenticator,
    asked_the_reviewers,
    changed_password,
    made_token,
    new_codes,
    other_primary,
    told,
)
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.test_addresses import HOME
from tests.accounts.test_recover import NEW, link, show
from tests.membership.cases import case_id, letters, link_in, state_of, text_of
from tests.world import Client, World


def press(world: World, path: str) -> tuple[int, str]:
    client = world.outsider()
    answer = client.post(path, page=path)
    return answer.status_code, answer.text


def signs_in(one: Person, password: str) -> bool:
    return one.show_password(one.world.outsider(), password).headers.get("location") == "/sign-in/factor"


def test_pressing_ends_everything_and_tells_those_in_charge(world: World) -> None:  # A10 A17
    o = Owner(world)
    script = world.script("chief")
    made_token(o)
    path = told(o, "A token for scripts")[1]
    seen = world.outsider().get(path)
    assert "This was not me" in seen.text
    assert (o.browser.get("/").status_code, script.call("GET", "/me").status_code) == (200, 200)  # looking does nothing
    assert press(world, path)[0] == 200
    assert (o.browser.get("/").status_code, script.call("GET", "/me").status_code) == (303, 401)
    assert world.count(SignInSession, SignInSession.account_id == o.one.id, SignInSession.ended_at.is_(None)) == 0
    assert world.count(BearerToken, BearerToken.account_id == o.one.id, BearerToken.revoked_at.is_(None)) == 0
    assert world.count(AuditEvent, AuditEvent.verb == "account.disavow", AuditEvent.subject_id == o.one.id) == 1
    for key in ("admin@association.example", "reviewer1@association.example", "reviewer2@corvane.example"):
        assert "Ellen Marchetti" in text_of(letters(world, key)[-1])
    assert not letters(world, "sheriff@bexley.example")
    assert press(world, path)[0] == 404  # once
    assert signs_in(o.one, PASSWORD)  # what was not changed still works


def test_what_was_changed_is_held(world: World) -> None:  # A10
    o = Owner(world)
    changed_password(o)
    press(world, told(o, "Your password was changed")[0])
    assert not signs_in(o.one, NEW)
    world.later(hours=1)
    assert not signs_in(o.one, NEW)
    assert show(world, link(world, o.one), o.one.code(), PASSWORD).status_code == 303  # and the owner comes back
    assert signs_in(o.one, PASSWORD)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_authenticator_address_or_code_goes(world: World) -> None:  # A10
    o = Owner(world)
    added_authenticator(o)
    press(world, told(o, "authenticator app was added")[0])
    assert world.count(Authenticator, Authenticator.name == "Tablet") == 0
    assert world.count(Authenticator) == 1
    press(world, told(o, "An address was added")[0])
    assert world.count(AccountAddress, AccountAddress.email == HOME) == 0
    fresh = Owner2(world, o)
    new_codes(fresh)
    press(world, link_in(letters(world, BOTH[0])[-1], "/not-me/"))
    assert world.count(RecoveryCode) == 0


class Owner2(Owner):
    """The same chief, signed in once more."""

    def __init__(self, world: World, before: Owner) -> None:
        self.world, self.one = world, before.one
        self.browser = self.one.signed_in()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_sign_in_address_goes_back_and_a_case_closes(world: World) -> None:  # A10 A9
    o = Owner(world)
    other_primary(o)
    press(world, told(o, "to sign in with was changed")[0])
    assert world.one(select(Account.email).where(Account.id == o.one.id)).email == BOTH[0]
    assert world.count(AccountAddress, AccountAddress.account_id == o.one.id) == 2
    asked_the_reviewers(o)
    case = case_id(world, BOTH[0])
    assert state_of(world, case) == "submitted"
    press(world, told(o, "asked the reviewers")[1])
    assert state_of(world, case) == "withdrawn"


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 404), (1, 404)])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_link_lives_seven_days(world: World, late: int, status: int) -> None:  # A10
    person(world)
    with world.db.write() as session:
        operations.renew_recovery_codes(session, world.actor("chief"))
    path = link_in(letters(world, BOTH[0])[-1], "/not-me/")
    client: Client = world.outsider()
    world.later(days=7, seconds=late)
    assert client.post(path, page=path).status_code == status
    assert press(world, "/not-me/" + "x" * 43)[0] == 404


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_other_sessions_are_offered_for_ending(world: World) -> None:  # A10
    here, other = world.browser("chief"), world.browser("chief")
    page = here.get("/settings/sign-in").text
    assert "End all other sessions" in page
    assert here.post("/settings/sessions/end-others", page="/settings/sign-in").status_code == 303
    assert (here.get("/").status_code, other.get("/").status_code) == (200, 303)
    assert "End all other sessions" not in here.get("/settings/sign-in").text
