"""People who can sign in: a password and an authenticator app, and the pages as they walk through them."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from sqlalchemy import update

from app.accounts import blocklist, passwords, totp
from app.accounts.models import Account, Authenticator, AuthenticatorKind
from app.accounts.recovery import replace_codes
from tests.people import CAST
from tests.world import Client, World

PASSWORD = "granite otter 47 lantern"
WRONG = "quartz heron 12 lantern"


@dataclass
class Person:
    """One of the cast with an authenticator app in hand."""

    world: World
    key: str
    secret: str
    codes: list[str]

    @property
    def email(self) -> str:
        return CAST[self.key].email

    @property
    def id(self) -> int:
        return self.world.id(self.key)

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or some steps of 30 s from now."""
        return totp.code_at(self.secret, totp.step_of(self.world.now) + steps)

    def show_password(self, client: Client, password: str = PASSWORD, **more: str) -> httpx.Response:
        fields = {"email": self.email, "password": password, "consent": "yes", **more}
        return client.post("/sign-in", fields, page="/sign-in")

    def show_code(self, client: Client, code: str | None = None, **more: str) -> httpx.Response:
        return client.post("/sign-in/factor", {"code": code or self.code(), **more}, page="/sign-in/factor")

    def signed_in(self) -> Client:
        client = self.world.outsider()
        assert self.show_password(client).headers["location"] == "/sign-in/factor"
        assert self.show_code(client).status_code == 303
        return client


def person(world: World, key: str = "chief", password: str = PASSWORD) -> Person:
    secret = totp.new_secret()
    with world.db.write() as session:
        session.execute(
            update(Account)
            .where(Account.id == world.id(key))
            .values(password_hash=passwords.hashed(password), password_set_at=world.now, blocklist_version=blocklist.current().version)
        )
        session.add(
            Authenticator(
                account_id=world.id(key), kind=AuthenticatorKind.TOTP, name="Phone", created_at=world.now, confirmed_at=world.now,
                sealed_secret=totp.seal(world.platform.signer, secret),
            )
        )  # fmt: skip
        codes = replace_codes(session, world.id(key))
    return Person(world, key, secret, codes)
