"""How often one may try: counted before it is checked, exact under parallel guesses, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from app.accounts import factors, operations, signing_in, throttle
from app.accounts.models import Account, Authenticator, Throttle
from app.accounts.signing_in import Try
from app.core import access
from app.core.access import Origin
from app.core.audit import AuditEvent
from app.core.errors import Forbidden
from tests.accounts.person import PASSWORD, WRONG, Person, person
from tests.world import World


def door(world: World) -> factors.Door:
    return factors.Door(world.db, world.platform.signer, world.settings)


def guess(world: World, address: str, password: str, network: str = "192.0.2.1") -> str | None:
    return signing_in.with_password(door(world), Try(address, password, Origin(network), "", world.now))


def refusals(world: World, reason: str) -> int:
    return world.count(AuditEvent, AuditEvent.verb == "sign_in.refuse", AuditEvent.detail.contains(f'"{reason}"'))


def test_five_wrong_tries_lock_the_password_for_fifteen_minutes(world: World) -> None:  # A6
    chief = person(world)
    for _ in range(5):
        assert guess(world, chief.email, WRONG) is None
    assert guess(world, chief.email.upper(), PASSWORD) is None
    world.later(minutes=14, seconds=59)
    assert guess(world, chief.email, PASSWORD) is None
    assert refusals(world, "password") == 5
    world.later(seconds=2)
    assert guess(world, chief.email, PASSWORD) is not None


def test_success_resets_and_quiet_time_forgets(world: World) -> None:  # A6
    chief = person(world)
    for _ in range(3):
        for _ in range(4):
            assert guess(world, chief.email, WRONG) is None
        assert guess(world, chief.email, PASSWORD) is not None
    for _ in range(4):
        guess(world, chief.email, WRONG)
    world.later(minutes=15, seconds=1)
    for _ in range(4):
        guess(world, chief.email, WRONG)
    assert guess(world, chief.email, PASSWORD) is not None


def test_tries_spread_over_two_windows_are_one_run(world: World) -> None:  # A6
    chief = person(world)
    for _ in range(5):
        guess(world, chief.email, WRONG)
        world.later(minutes=4)
    assert guess(world, chief.email, PASSWORD) is None


def test_in_strict_only_an_administrator_releases(strict_world: World) -> None:  # A6
    world = strict_world
    chief = person(world)
    for _ in range(5):
        guess(world, chief.email, WRONG)
    world.later(days=30)
    assert guess(world, chief.email, PASSWORD) is None
    with world.db.write() as session:
        throttle.clean(session, world.now)
    assert guess(world, chief.email, PASSWORD) is None, "cleaning up is no release"
    with world.db.write() as session, pytest.raises(Forbidden):
        operations.release(session, world.actor("colleague"), chief.id)
    with world.db.write() as session:
        operations.release(session, world.actor("admin"), chief.id)
    assert guess(world, chief.email, PASSWORD) is not None


@pytest.mark.parametrize("known", [True, False])
def test_of_fifty_guesses_at_once_five_are_checked(world: World, known: bool) -> None:  # A6 L6
    chief = person(world)
    address = chief.email if known else "nobody@nowhere.example"
    start = Barrier(50)

    def one(number: int) -> str | None:
        start.wait()
        return guess(world, address, WRONG, f"192.0.2.{number}")

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(one, range(50))) == {None}
    assert refusals(world, "password" if known else "unknown") == 5
    assert refusals(world, "locked") == 45
    assert guess(world, address, PASSWORD) is None, "the right one comes too late"


def test_a_network_has_its_own_limit_and_locks_out_nobody_elsewhere(world: World) -> None:  # A6
    chief = person(world)
    for number in range(throttle.NETWORK.tries):
        guess(world, f"someone{number}@nowhere.example", WRONG)
    for _ in range(6):
        assert guess(world, chief.email, PASSWORD) is None
    assert guess(world, chief.email, PASSWORD, "198.51.100.7") is not None


def test_success_costs_a_network_nothing(world: World) -> None:  # A6
    chief = person(world)
    for _ in range(throttle.NETWORK.tries + 5):
        assert guess(world, chief.email, PASSWORD) is not None


def test_an_ipv6_customer_is_one_network() -> None:
    assert throttle.network_of("2001:db8:1:2:3::4") == throttle.network_of("2001:db8:1:2:ffff::1")
    assert throttle.network_of("2001:db8:1:2::1") != throttle.network_of("2001:db8:1:3::1")
    assert throttle.network_of("192.0.2.1") != throttle.network_of("192.0.2.2")


def test_after_a_hundred_failures_a_password_is_disabled(world: World) -> None:  # A6
    chief = person(world)
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id == chief.id).values(password_failures=99))
    assert guess(world, chief.email, WRONG) is None
    assert guess(world, chief.email, PASSWORD) is None
    with world.db.write() as session:
        operations.release(session, access.system("command-line"), chief.id)
    assert guess(world, chief.email, PASSWORD) is not None


def half(world: World, chief: Person) -> signing_in.Half:
    assert guess(world, chief.email, PASSWORD) is not None
    row = world.one(select(signing_in.SignInSession.id).order_by(signing_in.SignInSession.id.desc()).limit(1))
    return signing_in.Half(chief.id, row.id, Origin("192.0.2.1"), world.now)


def test_five_wrong_codes_lock_the_second_step(world: World) -> None:  # A6
    chief = person(world)
    for _ in range(5):
        assert signing_in.with_factor(door(world), half(world, chief), "000000") is None
    assert signing_in.with_factor(door(world), half(world, chief), chief.code()) is None
    world.later(minutes=15, seconds=1)
    assert signing_in.with_factor(door(world), half(world, chief), chief.code()) is not None


def test_after_a_hundred_wrong_codes_an_authenticator_is_disabled(world: World) -> None:  # A6
    chief = person(world)
    with world.db.write() as session:
        session.execute(update(Authenticator).where(Authenticator.account_id == chief.id).values(failures=99))
    assert signing_in.with_factor(door(world), half(world, chief), "000000") is None
    assert signing_in.with_factor(door(world), half(world, chief), chief.code()) is None
    assert signing_in.with_factor(door(world), half(world, chief), chief.codes[0]) is not None, "a recovery code still works"
    with world.db.write() as session:
        operations.release(session, world.actor("admin"), chief.id)
    world.later(seconds=30)
    assert signing_in.with_factor(door(world), half(world, chief), chief.code()) is not None


def test_no_address_that_was_tried_is_kept(world: World) -> None:
    guess(world, "somebody.private@nowhere.example", WRONG)
    with world.db.read() as conn:
        rows = conn.execute(select(Throttle.key)).all()
        log = conn.execute(select(AuditEvent.detail, AuditEvent.actor_name)).all()
    assert len(rows) == 3
    assert all(len(row.key) == 32 for row in rows)
    assert "somebody" not in str(log)
