"""Passkeys: added, shown, refused; with a device in software, so that each part can be spoilt."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select, update

from app.accounts import banner, throttle
from app.accounts.models import Account, Authenticator, SignInSession, Throttle
from app.accounts.passkeys.models import Passkey, PasskeyChallenge
from app.core.audit import AuditEvent
from app.core.ports import mail
from app.membership.models import Member, MemberStatus
from tests.accounts.person import WRONG, person
from tests.accounts.softkey import ADD, AT, RP_ID, UP, UV, SoftKey, add, asked, one_tap, text, with_passkey
from tests.world import Client, World

SIGN_IN = "/settings/sign-in"


@pytest.fixture
def letters(world: World):
    before, memory = mail._mail, mail.NullMail()
    mail.register(memory)
    yield memory.letters
    mail.register(before)


def verbs(world: World, outcome: str = "done") -> list[tuple[str, Any]]:
    with world.db.read() as conn:
        rows = conn.execute(select(AuditEvent.verb, AuditEvent.detail).where(AuditEvent.outcome == outcome).order_by(AuditEvent.id))
        return [(row.verb, json.loads(row.detail)) for row in rows]


def test_one_tap_signs_in(world: World, letters: list[mail.Letter]) -> None:  # A2 A8 A16
    key = with_passkey(world.browser("chief"))
    assert "A passkey was added: Phone." in letters[-1].values["what"]
    client = world.outsider()
    options = asked(client, "/sign-in/challenge", "/sign-in")
    assert (options["rpId"], options["userVerification"], options["allowCredentials"]) == (RP_ID, "required", [])
    done = one_tap(client, key, options)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/settings/sessions").status_code == 200
    assert client.get(f"{SIGN_IN}/password").status_code == 200, "a passkey just shown counts as stepped up"
    assert [(v, d) for v, d in verbs(world) if v.startswith("sign_in")] == [
        ("sign_in.passkey", {"banner": banner.VERSION}), ("sign_in.finish", {"failed_before": 0}),
    ]  # fmt: skip
    assert world.one(select(Passkey.sign_count)).sign_count == 1
    assert "Passkey. Added" in client.get(SIGN_IN).text


def test_what_a_device_is_asked_for_a_new_passkey(world: World) -> None:  # A8
    chief = world.browser("chief")
    first = asked(chief, f"{ADD}/challenge", ADD)
    assert first["authenticatorSelection"] == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert (first["rp"]["id"], first["attestation"], first["excludeCredentials"]) == (RP_ID, "none", [])
    assert len(first["challenge"]) == 43
    key = SoftKey()
    assert add(chief, key, options=first).headers["location"] == f"{SIGN_IN}?said=passkey-added"
    second = asked(chief, f"{ADD}/challenge", ADD)
    assert second["challenge"] != first["challenge"]
    assert second["user"]["id"] == first["user"]["id"], "one account on the device, not two"
    assert second["excludeCredentials"] == [{"type": "public-key", "id": text(key.credential_id), "transports": ["internal"]}]
    assert asked(world.browser("sheriff"), f"{ADD}/challenge", ADD)["user"]["id"] != first["user"]["id"]


def test_nobody_signs_in_without_agreeing(world: World) -> None:  # A16
    key, client = with_passkey(world.browser("chief")), world.outsider()
    options = asked(client, "/sign-in/challenge", "/sign-in")
    refused = client.post("/sign-in", {"credential": key.show(options)}, page="/sign-in")
    assert refused.status_code == 422
    assert "Agree and sign in" in refused.text
    assert client.get("/").status_code == 303


SPOILT: dict[str, dict[str, Any]] = {
    "origin": {"origin": "https://localhost:8000"}, "another port": {"origin": "http://localhost:8001"},
    "a frame of another site": {"cross_origin": True}, "rp id": {"rp_id": "localhost.example"}, "challenge": {"challenge": "A" * 43},
    "no challenge": {"challenge": ""}, "not verified": {"flags": UP}, "not present": {"flags": UV}, "type": {"type": "webauthn.payment"},
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_passkey_that_proves_nothing_opens_nothing(world: World) -> None:  # A2 A8 A15
    key, answers = with_passkey(world.browser("chief")), set()
    other = ec.generate_private_key(ec.SECP256R1())
    spoilt = {**SPOILT, "signature": {"signed_by": other}, "the handle of someone else": {"user_handle": b"x" * 32}}
    for what, spoil in spoilt.items():
        client = world.outsider()
        refused = one_tap(client, key, **spoil)
        assert refused.status_code == 422, what
        assert client.get("/").status_code == 303, what
        answers.add(refused.text[refused.text.index("error-summary") : refused.text.index("</ul>")])
    unknown = one_tap(world.outsider(), SoftKey())
    assert unknown.status_code == 422
    assert len(answers | {unknown.text[unknown.text.index("error-summary") : unknown.text.index("</ul>")]}) == 1, "one answer for all"
    assert one_tap(world.outsider(), key).status_code == 303, "and whole it signs in"
    refusals = [detail["reason"] for verb, detail in verbs(world, "refused") if verb == "sign_in.refuse"]
    assert len(refusals) == len(spoilt) + 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_passkey_is_not_added_on_a_spoilt_answer(world: World) -> None:  # A2 A8
    chief = world.browser("chief")
    flags = {"not verified": {"flags": UP | AT}, "not present": {"flags": UV | AT}}
    for what, spoil in {**SPOILT, **flags}.items():
        refused = add(chief, SoftKey(), **spoil)
        assert refused.status_code == 422, what
    for nonsense in (
        "",
        "{}",
        "[]",
        "null",
        "x",
        '{"id": 1}',
        '{"id": "a", "response": {"clientDataJSON": "a"}}',
        "9" * 25_000,
        "[" * 9_000,
    ):
        assert chief.post(ADD, {"name": "Phone", "credential": nonsense}, page=ADD).status_code == 422, nonsense[:20]
    assert world.count(Passkey) == world.count(Authenticator) == 0
    assert add(chief, SoftKey()).status_code == 303


def test_a_challenge_is_good_once_for_one_browser_and_five_minutes(world: World) -> None:  # A8
    key, client = with_passkey(world.browser("chief")), world.outsider()
    options = asked(client, "/sign-in/challenge", "/sign-in")
    assert one_tap(world.outsider(), key, options).status_code == 422, "another browser's"
    assert one_tap(client, key, options).status_code == 303
    later = world.outsider()
    later.cookies.update(client.cookies)
    later.cookies.delete("squadroom")
    assert one_tap(later, key, options).status_code == 422, "used"
    late, in_time = world.outsider(), world.outsider()
    mine, yours = asked(late, "/sign-in/challenge", "/sign-in"), asked(in_time, "/sign-in/challenge", "/sign-in")
    world.later(minutes=4, seconds=59)
    assert one_tap(in_time, key, yours).status_code == 303
    world.later(seconds=2)
    assert one_tap(late, key, mine).status_code == 422
    to_add = asked(world.browser("sheriff"), f"{ADD}/challenge", ADD)
    assert one_tap(world.outsider(), key, to_add).status_code == 422, "given out for something else"


def test_a_known_passkey_is_not_added_again(world: World) -> None:  # A8
    chief = world.browser("chief")
    key = with_passkey(chief)
    for client in (chief, world.browser("sheriff")):
        again = add(client, key)
        assert again.status_code == 422
        assert "known already" in again.text
    assert world.count(Passkey) == 1


@pytest.mark.parametrize("counts", [True, False])
def test_a_counter_that_goes_back_is_refused_and_told(world: World, letters: list[mail.Letter], counts: bool) -> None:
    key = with_passkey(world.browser("chief"), counts=counts)
    for _ in range(2):
        assert one_tap(world.outsider(), key).status_code == 303
    if not counts:  # devices that don't count say 0 each time
        return
    copy = SoftKey(key.credential_id, key.key, key.user_handle, count=0)
    assert one_tap(world.outsider(), copy).status_code == 422
    assert "there may be a copy of it" in letters[-1].values["what"]
    assert one_tap(world.outsider(), key).status_code == 303


def test_a_locked_password_stands_in_nobodys_way(world: World) -> None:  # A6
    chief = person(world)
    key = with_passkey(world.browser("chief"))
    for _ in range(6):
        assert chief.show_password(world.outsider(), WRONG).status_code == 422
    assert chief.show_password(world.outsider()).status_code == 422, "locked"
    assert one_tap(world.outsider(), key).status_code == 303
    assert chief.show_password(world.outsider()).status_code == 303, "released"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_in_strict_an_administrator_releases(strict_world: World) -> None:  # A6
    chief, key = person(strict_world), with_passkey(strict_world.browser("chief"))
    for _ in range(6):
        chief.show_password(strict_world.outsider(), WRONG)
    assert one_tap(strict_world.outsider(), key).status_code == 303
    assert chief.show_password(strict_world.outsider()).status_code == 422


def test_who_may_not_sign_in_does_not_by_passkey_either(world: World) -> None:  # A11 A15
    key = with_passkey(world.browser("chief"))
    ways = (
        (update(Member).where(Member.id == world.id("chief")).values(status=MemberStatus.SUSPENDED), MemberStatus.ACTIVE),
        (update(Account).where(Account.id == world.id("chief")).values(disabled_at=world.now), None),
        (update(Authenticator).values(disabled_at=world.now), None),
    )
    for closed, reopened in ways:
        with world.db.write() as session:
            session.execute(closed)
        client = world.outsider()
        assert one_tap(client, key).status_code == 422
        assert client.get("/").status_code == 303
        if reopened:
            with world.db.write() as session:
                session.execute(update(Member).where(Member.id == world.id("chief")).values(status=reopened))
            assert one_tap(world.outsider(), key).status_code == 303
    assert world.count(SignInSession, SignInSession.ended_at.is_(None)) == 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_may_ask_to_come_back_gets_no_further_by_passkey(world: World) -> None:  # A11 V11
    key = with_passkey(world.browser("chief"))
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("chief")).values(status=MemberStatus.SUSPENDED, way_back=True))
    client = world.outsider()
    assert one_tap(client, key).headers["location"] == "/return"
    assert client.get("/return").status_code == 200
    for path in ("/", "/settings/sign-in", ADD, "/step-up", "/sign-in/role"):
        assert client.get(path).status_code == 303, path


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_tries_from_one_network_have_an_end(world: World) -> None:  # A6
    key, client = with_passkey(world.browser("chief")), world.outsider()
    assert client.post("/sign-in", {"consent": "yes", "credential": "{}"}, page="/sign-in").status_code == 422
    with world.db.write() as session:
        session.execute(update(Throttle).where(Throttle.key == throttle.key_of("passkey", "127.0.0.1")).values(count=59))
    for _ in range(2):
        client.post("/sign-in", {"consent": "yes", "credential": "{}"}, page="/sign-in")
    assert one_tap(client, key).status_code == 422
    world.later(minutes=16)
    assert one_tap(client, key).status_code == 303


def test_a_passkey_in_place_of_the_code(world: World) -> None:  # A2
    chief = person(world)
    key, other = with_passkey(world.browser("chief")), with_passkey(world.browser("sheriff"))
    client = world.outsider()
    chief.show_password(client)

    def shown(key: SoftKey, **spoil: Any) -> int:
        options = asked(client, "/sign-in/challenge", "/sign-in/factor")
        return client.post("/sign-in/factor", {"credential": key.show(options, **spoil)}, page="/sign-in/factor").status_code

    assert shown(other) == 422, "another member's passkey"
    assert shown(key, flags=UP) == 422
    assert client.get("/").status_code == 303
    assert shown(key) == 303
    assert client.get("/").status_code == 200


def test_a_passkey_confirms_that_it_is_you(world: World) -> None:  # A10
    key, other = with_passkey(world.browser("chief")), with_passkey(world.browser("sheriff"))
    client = world.browser("chief", stepped_up=False)

    def confirmed(key: SoftKey) -> int:
        options = asked(client, "/step-up/challenge", "/step-up")
        return client.post("/step-up", {"credential": key.show(options)}, page="/step-up").status_code

    before = world.one(select(func.max(SignInSession.token_hash)).where(SignInSession.stepped_up_at.is_(None)))
    assert confirmed(other) == 422
    assert client.get(f"{SIGN_IN}/password").status_code == 303
    assert confirmed(key) == 303
    assert client.get(f"{SIGN_IN}/password").status_code == 200
    assert world.count(SignInSession, SignInSession.token_hash == before[0]) == 0, "a new token"  # A11
    assert [c["id"] for c in asked(client, "/step-up/challenge", "/step-up")["allowCredentials"]] == [text(key.credential_id)]


def test_naming_and_removing(world: World, letters: list[mail.Letter]) -> None:  # A10
    chief: Client = world.browser("chief")
    key = with_passkey(chief)
    number = world.one(select(Authenticator.id)).id
    page = f"{SIGN_IN}/authenticators/{number}"
    assert chief.post(f"{page}/name", {"name": " "}, page=page).status_code == 422
    assert chief.post(f"{page}/name", {"name": "Blue key"}, page=page).headers["location"] == f"{SIGN_IN}?said=saved"
    assert "Blue key" in chief.get(SIGN_IN).text
    assert "Phone is now Blue key" in letters[-1].values["what"]
    assert chief.post(f"{page}/remove", page=page).status_code == 409, "the last one stays"
    assert world.browser("sheriff").get(page).status_code == 404
    with_passkey(chief)
    assert chief.post(f"{page}/remove", page=page).status_code == 303
    assert "A passkey was removed: Blue key." in letters[-1].values["what"]
    assert world.count(Passkey) == 1
    assert one_tap(world.outsider(), key).status_code == 422


def test_each_change_asks_for_a_fresh_confirmation(world: World) -> None:  # A10
    client = world.browser("chief", stepped_up=False)
    assert client.get(ADD).headers["location"].startswith("/step-up")
    for path in (ADD, f"{ADD}/challenge", f"{SIGN_IN}/authenticators/1/name"):
        assert client.post(path, {"name": "Phone"}, page=SIGN_IN).headers["location"].startswith("/step-up")
    assert world.count(PasskeyChallenge) == 0
