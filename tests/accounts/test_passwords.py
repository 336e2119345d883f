"""What a password may be, how it is kept, and that it is looked at again when the list is new."""

from __future__ import annotations

import datetime as dt
import os
import time
import unicodedata
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.accounts import blocklist, passwords
from app.accounts.models import Account, SignInSession
from app.core.audit import AuditEvent
from tests.accounts.person import PASSWORD, person
from tests.world import World

WORDS = ("Ellen Marchetti", "chief@alderwood.example", "Alderwood Police Department", "Cascade Association of Chiefs and Sheriffs")
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=256)


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_every_string_is_hashed_whole_and_known_again(password: str) -> None:  # A3
    passwords.set_cost(passwords.Cost(memory_kib=8, rounds=1))
    stored = passwords.hashed(password)
    assert passwords.verify(password, stored)
    assert passwords.verify(unicodedata.normalize("NFD", password), stored), "the same characters, composed otherwise"
    assert not passwords.verify(password[:-1], stored)
    assert not passwords.verify(password + "x", stored)


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_too_short_is_said_first_and_long_ones_are_welcome(password: str) -> None:  # A3
    why = passwords.weakness(password, WORDS, 12)
    if len(unicodedata.normalize("NFC", password)) < 12:
        assert why is not None
        assert "12 characters" in why
    elif why is not None:
        assert "characters." not in why, "length is no reason any more"


@pytest.mark.parametrize("length", [12, 64, 72, 73, 128, 256, 1000])
def test_long_passwords_count_to_their_last_character(length: int) -> None:  # A3
    password = ("vq7 Zürich☂👮" * 200)[: length - 1] + "k"
    assert len(password) == length
    stored = passwords.hashed(password)
    assert passwords.verify(password, stored)
    assert not passwords.verify(password[:-1] + "j", stored)


@pytest.mark.parametrize(
    "password", [PASSWORD, "correct harness badge tulip", "ünïcödé pässphräse wörks", "🐎🔋📎🚓 stable staple", "mmZ4!kq9-Lr2w"]
)
def test_good_ones_are_taken(password: str) -> None:  # A3
    assert passwords.weakness(password, WORDS, 12) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 12"), ("x" * 1001, "at most 1,000"), ("123456789012", "common"), ("password1234", "common"),
        ("Password!!!!!!!!", "common"), ("dragondragondragon", "common"), ("qwertyuiop123456", "common"), ("letmein-2026-!", "common"),
        ("000000000000", "common"), ("Marchetti12345", "your name"), ("ellenmarchetti", "your name"), ("AlderwoodPolice1", "your name"),
        ("CascadeSheriffs2026", "association"), ("squadroom-2026", "association"), ("chief@alderwood.example", "your name"),
        ("aaaaaaaaaaaaa!", "easy to guess"), ("abcdefghijklmnop", "easy to guess"), ("zxcvbnm,.zxcv", "easy to guess"),
    ],
)  # fmt: skip
def test_bad_ones_are_refused_with_the_reason(password: str, reason: str) -> None:  # A4
    why = passwords.weakness(password, WORDS, 12)
    assert why is not None
    assert reason in why
    assert password not in why


def test_the_list_is_long_enough() -> None:  # A4
    assert len(blocklist.current().words) >= 3000


def test_the_packed_list_is_the_one_that_was_dated() -> None:  # A4
    assert version("zxcvbn") == blocklist.PACKED_VERSION, "a new list: look at it, and date it in app/accounts/blocklist.py"


def test_the_operators_own_list_is_asked_too_and_counts_as_newer(tmp_path: Path) -> None:  # A4
    phrase = "Lantern Pickle Harbor"
    assert passwords.weakness(phrase, [], 12) is None
    before = blocklist.current()
    own = tmp_path / blocklist.OWN
    own.write_text("lantern pickle harbor\n")
    os.utime(own, (2_000_000_000, 2_000_000_000))
    blocklist.use(tmp_path)
    assert "common" in (passwords.weakness(phrase, [], 12) or "")
    assert blocklist.current().version != before.version, "everyone's is looked at again"
    assert len(blocklist.current().version) <= 20
    assert blocklist.current().dated == dt.date(2033, 5, 18)


def test_an_old_list_is_told_to_administrators(world: World) -> None:  # A4
    world.now = dt.datetime.combine(blocklist.PACKED_ON, dt.time(12), dt.UTC) + blocklist.STALE_AFTER
    assert "list of common passwords is old" not in world.browser("admin").get("/admin").text
    world.later(days=1)
    assert "list of common passwords is old" in world.browser("admin").get("/admin").text


def test_the_hash_is_argon2id_at_the_asked_cost_and_salted() -> None:  # A5
    passwords.set_cost(passwords.STANDARD)
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first.split("$")[4] != second.split("$")[4]
    assert len(first.split("$")[4]) * 6 >= 128, "bits of salt"
    started = time.perf_counter()
    assert passwords.verify(PASSWORD, first)
    assert time.perf_counter() - started < 2


def test_nobodys_password_is_never_right() -> None:  # A15
    assert not passwords.verify("nobody's password", None)
    assert not passwords.verify("a wrong one", None)


def test_a_hash_of_another_cost_is_made_anew_at_sign_in(world: World) -> None:  # A5
    chief = person(world)
    passwords.set_cost(passwords.Cost(memory_kib=128, rounds=2))
    chief.signed_in()
    stored = world.one(select(Account.password_hash).where(Account.id == chief.id)).password_hash
    assert "m=128,t=2,p=1" in stored
    world.later(minutes=1)
    chief.signed_in()
    assert world.one(select(Account.password_hash).where(Account.id == chief.id)).password_hash == stored


def outdated(world: World, account_id: int) -> None:
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id == account_id).values(blocklist_version="0-older"))


def test_a_new_list_is_asked_at_the_next_sign_in(world: World) -> None:  # A4
    chief = person(world)
    outdated(world, chief.id)
    chief.signed_in()
    assert world.one(select(Account.blocklist_version).where(Account.id == chief.id))[0] == blocklist.current().version


def test_whose_password_came_onto_the_list_chooses_another_before_anything_opens(world: World) -> None:  # A4 A1
    chief = person(world, password="AlderwoodPolice1")
    outdated(world, chief.id)
    client = world.outsider()
    chief.show_password(client, "AlderwoodPolice1", next="/settings/tokens")
    held = chief.show_code(client, next="/settings/tokens")
    assert held.headers["location"] == "/sign-in/password?next=%2Fsettings%2Ftokens"
    assert client.get("/settings/tokens").headers["location"].startswith("/sign-in")
    page = held.headers["location"]
    refused = client.post("/sign-in/password", {"new_password": "password123456"}, page=page)
    assert refused.status_code == 422
    assert "most common" in refused.text
    assert client.get("/settings/tokens").status_code == 303
    done = client.post("/sign-in/password", {"new_password": PASSWORD, "next": "/settings/tokens"}, page=page)
    assert done.headers["location"] == "/settings/tokens"
    assert client.get("/settings/tokens").status_code == 200
    world.later(minutes=1)
    chief.signed_in()


def test_who_does_not_wait_for_a_new_password_sets_none_that_way(world: World) -> None:  # A4
    chief, client = person(world), world.outsider()
    chief.show_password(client)
    answer = client.post("/sign-in/password", {"new_password": "another granite otter 48"}, page="/sign-in/factor")
    assert answer.headers["location"] == "/sign-in"
    assert world.count(AuditEvent, AuditEvent.verb == "password.set") == 0
    assert world.count(SignInSession, SignInSession.level == "full") == 0


def test_strict_asks_for_fifteen(strict_world: World) -> None:  # A3
    client = person(strict_world).signed_in()
    page = "/settings/sign-in/password"
    fields = {"current_password": PASSWORD, "new_password": "mmZ4!kq9-Lr2wx"}
    refused = client.post(page, fields, page=page)
    assert refused.status_code == 422
    assert "at least 15" in refused.text
