"""Unlocking a member's sign-in."""

from __future__ import annotations

from sqlalchemy import select, update

from app.accounts.models import Account
from tests.world import World


def test_an_administrator_unlocks_signing_in_and_nobody_else(world: World) -> None:  # A6
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id == world.id("chief")).values(password_failures=100, password_set_at=world.now))
    path = f"/admin/members/{world.id('chief')}"
    for key in ("colleague", "reviewer1"):
        assert world.browser(key).post(f"{path}/release", page="/settings/profile").status_code == 404
    assert world.one(select(Account.password_failures).where(Account.id == world.id("chief")))[0] == 100
    assert world.browser("admin").post(f"{path}/release", page=path).status_code == 303
    assert world.one(select(Account.password_failures).where(Account.id == world.id("chief")))[0] == 0
