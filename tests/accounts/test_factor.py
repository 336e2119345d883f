"""The second factor: which steps are taken, and that each code is good once, whoever races (A7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from app.accounts import codes, signing_in, totp
from app.accounts.models import Authenticator, RecoveryCode, SessionLevel, SignInSession
from app.accounts.signing_in import Half
from app.core.access import Origin
from tests.accounts.person import Person, person
from tests.accounts.test_tries import door
from tests.world import World


def begun(world: World, who: Person, count: int = 1) -> list[Half]:
    """Sessions that have shown the password alone."""
    with world.db.write() as session:
        ids = [signing_in.sessions.begin(session, who.id, world.now, signing_in.sessions.Place())[0] for _ in range(count)]
    return [Half(who.id, session_id, Origin(), world.now) for session_id in ids]


def shown(world: World, who: Person, code: str) -> bool:
    return signing_in.with_factor(door(world), begun(world, who)[0], code) is not None


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, False)])
def test_one_step_back_is_taken_and_none_ahead(world: World, steps: int, taken: bool) -> None:  # A7
    chief = person(world)
    assert shown(world, chief, chief.code(steps)) is taken


def test_a_code_is_good_once_and_so_is_every_older_one(world: World) -> None:  # A7
    chief = person(world)
    assert shown(world, chief, chief.code())
    assert not shown(world, chief, chief.code())
    assert not shown(world, chief, chief.code(-1))
    world.later(seconds=30)
    assert not shown(world, chief, chief.code(-1)), "it is one step back now, and was used"
    assert shown(world, chief, chief.code())


@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_twenty_with_the_same_code_one_gets_in(world: World, kind: str) -> None:  # A7 L6
    chief = person(world)
    code = chief.code() if kind == "totp" else chief.codes[0]
    halves, start = begun(world, chief, 20), Barrier(20)

    def one(half: Half) -> bool:
        start.wait()
        return signing_in.with_factor(door(world), half, code) is not None

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, halves)) == 1
    assert world.count(SignInSession, SignInSession.level == SessionLevel.FULL) == 1


def test_the_secret_is_long_and_sealed(world: World) -> None:  # A7
    chief = person(world)
    sealed = world.one(select(Authenticator.sealed_secret).where(Authenticator.account_id == chief.id)).sealed_secret
    assert len(chief.secret) == 32, "160 bits in base32"
    assert chief.secret.encode() not in sealed
    assert totp.unseal(world.platform.signer, sealed) == chief.secret


def test_codes_are_those_of_the_standard() -> None:  # A7
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, the last six of its eight digits
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        assert totp.code_at(secret, seconds // 30) == code


def test_a_recovery_code_signs_in_once_however_it_is_typed(world: World) -> None:
    chief = person(world)
    assert len(chief.codes) == 10
    assert len(set(chief.codes)) == 10
    assert shown(world, chief, chief.codes[0].lower().replace("-", " "))
    assert not shown(world, chief, chief.codes[0])
    assert world.count(RecoveryCode, RecoveryCode.used_at.is_not(None)) == 1
    sheriff = person(world, "sheriff")
    assert not shown(world, sheriff, chief.codes[1]), "another member's"


def test_recovery_codes_are_long_and_hashed(world: World) -> None:
    chief = person(world)
    assert all(len(codes.as_stored(code)) * 5 >= 64 for code in chief.codes)
    with world.db.read() as conn:
        stored = {row.code_hash for row in conn.execute(select(RecoveryCode.code_hash))}
    assert stored == {codes.code_hash(code) for code in chief.codes}


@pytest.mark.parametrize("code", ["", " ", "12345", "１２３４５６", "abcdef", "0" * 100, "\0\0\0\0\0\0", "-" * 20])
def test_what_is_no_code_is_refused(world: World, code: str) -> None:
    chief = person(world)
    assert not shown(world, chief, code)


def test_spaces_in_a_code_do_not_matter(world: World) -> None:
    chief = person(world)
    assert shown(world, chief, f" {chief.code()[:3]} {chief.code()[3:]} ")


def test_who_was_suspended_between_the_steps_stays_out(world: World) -> None:
    from sqlalchemy import update

    from app.membership.models import Member, MemberStatus

    chief = person(world)
    half = begun(world, chief)[0]
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == chief.id).values(status=MemberStatus.SUSPENDED))
    assert signing_in.with_factor(door(world), half, chief.code()) is None
