"""What a member can change of how they sign in, each as they do it on its page: the table of events (A10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select

from app.accounts import operations, totp
from app.accounts.models import Authenticator
from app.accounts.operations import TokenWish
from tests.accounts.person import PASSWORD, person
from tests.accounts.softkey import ADD, SoftKey, asked, with_passkey
from tests.accounts.test_addresses import HOME, PAGE, add, ask, code_for
from tests.accounts.test_recover import NEW, link, show
from tests.membership.cases import letters, link_in, text_of
from tests.world import World

SIGN_IN = "chief@alderwood.example"
BOTH = (SIGN_IN, HOME)
THIRD = "ellen.marchetti@cabin.example"
APPS, CODES = "/settings/sign-in/authenticators", "/settings/sign-in/recovery-codes"
ANY_PAGE = "/settings/sessions"  # has a form, and asks for no fresh factor


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

    def newest(self, name: str) -> int:
        return int(self.world.one(select(Authenticator.id).where(Authenticator.name == name)).id)

    def post(self, path: str, **values: str) -> httpx.Response:
        return self.browser.post(path, values, page=ANY_PAGE)


def told(o: Owner, words: str) -> list[str]:
    """The links in the newest letters about it, one for each of the two addresses."""
    found = []
    for to in BOTH:
        letter = next(x for x in reversed(letters(o.world, to)) if words in " ".join(text_of(x).split()))
        found.append(link_in(letter, "/not-me/"))
    return found


# What goes before, while the factor is fresh --------------------------------------------------------------------------------


def _begun_app(o: Owner) -> str:
    """Where the code of an app that is not confirmed yet goes."""
    return str(o.post(APPS, name="Tablet").headers["location"])


def _second_app(o: Owner) -> int:
    added_authenticator(o)
    return o.newest("Tablet")


def _passkey(o: Owner) -> int:
    with_passkey(o.browser)
    return int(o.world.one(select(Authenticator.id).order_by(Authenticator.id.desc()).limit(1)).id)


def _asked_for_a_passkey(o: Owner) -> str:
    return SoftKey().make(asked(o.browser, f"{ADD}/challenge", ADD))


def _asked_for_an_address(o: Owner) -> str:
    assert ask(o.browser, THIRD).status_code == 303
    return code_for(o.world, THIRD)


# The events -----------------------------------------------------------------------------------------------------------------


def _code(o: Owner, path: str) -> str:
    return totp.code_at(o.secret_of(int(path.rpartition("/")[2])), totp.step_of(o.world.now))


def _prove(o: Owner, path: str) -> httpx.Response:
    return o.post(path, code=_code(o, path))


@dataclass(frozen=True)
class Event:
    """`before` prepares, `happens` is the one request; `says` stands in the letter. Who gets it besides the two addresses: `also`."""

    says: str
    happens: Callable[[Owner, Any], httpx.Response]
    before: Callable[[Owner], Any] = field(default=lambda o: None)
    also: tuple[str, ...] = ()


EVENTS: dict[str, Event] = {
    "app added": Event("An authenticator app was added: Tablet.", _prove, _begun_app),
    "app renamed": Event("Tablet is now Slate.", lambda o, n: o.post(f"{APPS}/{n}/name", name="Slate"), _second_app),
    "app removed": Event("An authenticator app was removed: Tablet.", lambda o, n: o.post(f"{APPS}/{n}/remove"), _second_app),
    "passkey added": Event(
        "A passkey was added: Laptop.", lambda o, made: o.post(ADD, name="Laptop", credential=made), _asked_for_a_passkey
    ),
    "passkey renamed": Event("Phone is now Desk.", lambda o, n: o.post(f"{APPS}/{n}/name", name="Desk"), _passkey),
    "passkey removed": Event("A passkey was removed: Phone.", lambda o, n: o.post(f"{APPS}/{n}/remove"), _passkey),
    "recovery codes": Event("New recovery codes were made.", lambda o, _: o.post(CODES)),
    "password": Event(
        "Your password was changed.",
        lambda o, _: o.post("/settings/sign-in/password", current_password=PASSWORD, new_password=NEW),
    ),
    "token": Event(
        "A token for scripts was made: Report.", lambda o, _: o.post("/settings/tokens", name="Report", scope="read", days="30")
    ),
    "address added": Event(
        f"An address was added: {THIRD}.", lambda o, code: o.post(f"{PAGE}/confirm", code=code), _asked_for_an_address, (THIRD,)
    ),
    "address removed": Event(f"An address was removed: {HOME}.", lambda o, _: o.post(f"{PAGE}/{o.home}/remove")),
    "other address to sign in with": Event(
        f"The address to sign in with was changed from {SIGN_IN} to {HOME}.", lambda o, _: o.post(f"{PAGE}/{o.home}/primary")
    ),
    "other address of the agency": Event(
        f"The address of your agency is now said to be {HOME}.", lambda o, _: o.post(f"{PAGE}/{o.home}/agency")
    ),
}


# Events that take proofs of their own instead of a fresh factor, and those that others build on -----------------------------


def recovered(o: Owner) -> None:
    assert show(o.world, link(o.world, o.one), o.one.codes[0]).status_code == 200


def asked_the_reviewers(o: Owner) -> None:
    path = link(o.world, o.one) + "/case"
    assert o.world.outsider().post(path, {"note": "All lost."}, page=path).status_code == 303


PROVEN: dict[str, tuple[str, Callable[[Owner], None]]] = {
    "recovery": ("Your password was set anew", recovered),
    "recovery case": ("asked the reviewers to let you set up your sign-in anew", asked_the_reviewers),
}


def added_authenticator(o: Owner) -> None:
    assert _prove(o, _begun_app(o)).status_code == 303


def new_codes(o: Owner) -> None:
    assert o.post(CODES).status_code == 200


def changed_password(o: Owner) -> None:
    assert EVENTS["password"].happens(o, None).status_code == 303


def other_primary(o: Owner) -> None:
    assert o.post(f"{PAGE}/{o.home}/primary").status_code == 303


def made_token(o: Owner) -> None:
    with o.world.db.write() as session:
        operations.create_token(session, o.world.actor("chief"), o.one.id, TokenWish("Report", ("read",), 30))
