"""Every change is told to every confirmed address, each letter with a link that stops it: the table of events (A10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts import operations, totp
from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, Authenticator, BearerToken, RecoveryCode, SignInSession
from app.accounts.operations import TokenWish
from app.core.audit import AuditEvent
from app.mail.models import OutboxMessage
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.test_addresses import HOME, act, add
from tests.accounts.test_recover import NEW, link, show
from tests.membership.cases import case_id, letters, link_in, state_of, text_of
from tests.world import Client, World

BOTH = ("chief@alderwood.example", HOME)


class Owner:
    """The chief with an app, a session and two addresses."""

    def __init__(self, world: World) -> None:
        self.world, self.one = world, person(world)
        self.browser = self.one.signed_in()
        self.home = add(world, self.browser)
        self.world.later(seconds=30)

    def secret_of(self, authenticator: int) -> str:
        sealed = self.world.one(select(Authenticator.sealed_secret).where(Authenticator.id == authenticator)).sealed_secret
        return totp.unseal(self.world.platform.signer, sealed)


def added_authenticator(o: Owner) -> None:
    path = "/settings/sign-in/authenticators"
    made = o.browser.post(path, {"name": "Tablet"}, page=path).headers["location"]
    secret = o.secret_of(int(made.rpartition("/")[2]))
    assert o.browser.post(made, {"code": totp.code_at(secret, totp.step_of(o.world.now))}, page=made).status_code == 303


def removed_authenticator(o: Owner) -> None:
    added_authenticator(o)
    with o.world.db.write() as session:
        first = session.scalars(select(Authenticator.id).order_by(Authenticator.id)).first()
        operations.remove_authenticator(session, o.world.actor("chief"), first)


def new_codes(o: Owner) -> None:
    path = "/settings/sign-in/recovery-codes"
    assert o.browser.post(path, page=path).status_code == 200


def changed_password(o: Owner) -> None:
    path = "/settings/sign-in/password"
    assert o.browser.post(path, {"current_password": PASSWORD, "new_password": NEW}, page=path).status_code == 303


def made_token(o: Owner) -> None:
    with o.world.db.write() as session:
        operations.create_token(session, o.world.actor("chief"), o.one.id, TokenWish("Report", ("read",), 30))


def recovered(o: Owner) -> None:
    assert show(o.world, link(o.world, o.one), o.one.codes[0]).status_code == 200


def asked_the_reviewers(o: Owner) -> None:
    path = link(o.world, o.one) + "/case"
    assert o.world.outsider().post(path, {"note": "All lost."}, page=path).status_code == 303


def other_primary(o: Owner) -> None:
    assert act(o.browser, o.home, "primary").status_code == 303


EVENTS: dict[str, tuple[Callable[[Owner], None], str]] = {
    "authenticator added": (added_authenticator, "authenticator app was added: Tablet"),
    "authenticator removed": (removed_authenticator, "authenticator app was removed"),
    "recovery codes": (new_codes, "New recovery codes were made"),
    "password": (changed_password, "Your password was changed"),
    "token": (made_token, "A token for scripts was made"),
    "recovery": (recovered, "Your password was set anew"),
    "recovery case": (asked_the_reviewers, "asked the reviewers to let you set up your sign-in anew"),
    "address": (other_primary, "to sign in with was changed"),
}


def told(o: Owner, words: str) -> list[str]:
    """The links in the newest letters about it, one for each address."""
    found = []
    for to in BOTH:
        letter = next(x for x in reversed(letters(o.world, to)) if words in " ".join(text_of(x).split()))
        found.append(link_in(letter, "/not-me/"))
    return found


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_each_event_is_told_to_each_address_with_a_link_of_its_own(world: World, event: str) -> None:  # A10
    o = Owner(world)
    happens, words = EVENTS[event]
    before = world.count(OutboxMessage, OutboxMessage.recipient == HOME)
    happens(o)
    assert world.count(OutboxMessage, OutboxMessage.recipient == HOME) > before
    links = told(o, words)
    assert links[0] != links[1]
    assert link_in(letters(world, HOME)[-1], "/not-me/") in links


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
