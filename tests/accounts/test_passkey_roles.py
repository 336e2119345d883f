"""Who moderates, reviews or administers shows a passkey, or has none of it (A2)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete, select, update

from app.accounts import operations, totp
from app.accounts.models import Authenticator, Factor, SignInSession
from app.accounts.passkeys.models import Passkey
from app.core.audit import AuditEvent
from app.membership.models import MemberRole, Role
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.softkey import ADD, SoftKey, add, asked, one_tap, with_passkey
from tests.house.census import sample, walk
from tests.world import Client, World

ROLE, SIGN_IN = "/sign-in/role", "/settings/sign-in"


def with_password_and_code(who: Person, code: str = "") -> Client:
    client = who.world.outsider()
    assert who.show_password(client).headers["location"] == "/sign-in/factor"
    answer = who.show_code(client, code or None)
    if code:  # a recovery code's answer shows the one that takes its place, and leads on from there
        assert f'href="{ROLE}"' in answer.text
    else:
        assert answer.headers["location"] == ROLE, "no whole session for a role with a code alone"
    return client


@pytest.mark.parametrize("key", ["admin", "reviewer1", "moderator"])
def test_password_and_code_open_nothing_to_a_role(world: World, key: str) -> None:  # A2
    client = with_password_and_code(person(world, key))
    for path in ("/", "/forums", "/admin", "/moderation", "/settings/sign-in", ADD, "/step-up"):
        assert client.get(path).headers["location"].startswith("/sign-in"), path
    page = client.get(ROLE)
    assert page.status_code == 200
    assert "Add a passkey" in page.text
    passkey = SoftKey()
    options = asked(client, "/sign-in/challenge", ROLE)
    done = client.post(ROLE, {"name": "Phone", "credential": passkey.make(options)}, page=ROLE)
    assert done.headers["location"] == "/"
    assert client.get("/").status_code == 200
    assert (client.get("/admin").status_code == 200) == (key == "admin")
    assert one_tap(world.outsider(), passkey).status_code == 303


def test_who_has_a_passkey_shows_it(world: World) -> None:  # A2
    admin = person(world, "admin")
    passkey = with_passkey(world.browser("admin"))
    client = with_password_and_code(admin)
    assert "Now your passkey" in client.get(ROLE).text
    mine, thief = asked(client, "/sign-in/challenge", ROLE), SoftKey()
    assert "user" not in mine, "a stolen password and code add no passkey"
    assert client.post(ROLE, {"name": "Phone", "credential": thief.show(mine)}, page=ROLE).status_code == 422
    to_add = asked(world.browser("admin"), f"{ADD}/challenge", ADD)
    assert client.post(ROLE, {"name": "Phone", "credential": thief.make(to_add)}, page=ROLE).status_code == 422
    assert client.get("/").status_code == 303
    options = asked(client, "/sign-in/challenge", ROLE)
    assert client.post(ROLE, {"credential": passkey.show(options)}, page=ROLE).headers["location"] == "/"
    assert client.get("/admin").status_code == 200
    assert world.count(Passkey) == 1


def test_who_lost_it_adds_another_with_a_recovery_code(world: World) -> None:  # A2 A9
    admin = person(world, "admin")
    with_passkey(world.browser("admin"))
    client = with_password_and_code(admin, admin.codes[0])
    new = SoftKey()
    options = asked(client, "/sign-in/challenge", ROLE)
    assert client.post(ROLE, {"name": "New phone", "credential": new.make(options)}, page=ROLE).headers["location"] == "/"
    assert client.get("/admin").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_session_without_a_passkey_reaches_what_a_right_opens(world: World) -> None:  # A2
    """Also a session that was whole before the role was given, or before this rule was."""
    lines = [line for line in walk(world.app) if line.rule.right and line.method == "GET" and not line.is_api]
    assert len(lines) > 10
    weak = {key: world.browser(key, factor=Factor.TOTP) for key in ("admin", "reviewer1")}
    strong = {key: world.browser(key) for key in weak}
    for line in lines:
        path = sample(line.path, {})
        assert [client.get(path).status_code for client in weak.values()] == [404, 404], path
    assert strong["admin"].get("/admin").status_code == strong["reviewer1"].get("/moderation/applications").status_code == 200
    assert "Your role asks for a passkey" in weak["admin"].get("/").text
    assert "Your role asks for a passkey" not in strong["admin"].get("/").text
    assert "Your role asks for a passkey" not in world.browser("chief", factor=Factor.TOTP).get("/").text
    assert world.script("admin", "read,admin").call("GET", "/me").json()["roles"] == ["admin"], "tokens are another matter"


def test_a_role_given_meanwhile_waits_for_the_passkey(world: World) -> None:  # A2
    chief = person(world)
    client = chief.signed_in()
    with world.db.write() as session:
        session.add(MemberRole(member_id=chief.id, role=Role.ADMIN))
    assert client.get("/").status_code == 200, "still the member that they were"
    assert client.get("/admin").status_code == 404
    passkey = SoftKey()
    assert add(client, passkey).status_code == 303
    assert client.get("/admin").status_code == 200
    with world.db.write() as session:
        session.execute(update(SignInSession).values(stepped_up_at=None))
    world.later(seconds=30)
    assert client.post("/step-up", {"code": chief.code()}, page="/step-up").status_code == 422, "a code confirms nothing here"
    options = asked(client, "/step-up/challenge", "/step-up")
    assert client.post("/step-up", {"credential": passkey.show(options)}, page="/step-up").status_code == 303


def test_a_role_keeps_its_last_passkey(world: World) -> None:
    admin = person(world, "admin")
    browser = world.browser("admin")
    with_passkey(browser)
    number = world.one(select(Authenticator.id).where(Authenticator.kind == "passkey")).id
    page = f"{SIGN_IN}/authenticators/{number}"
    refused = browser.post(f"{page}/remove", page=page)
    assert refused.status_code == 409
    assert "Your role asks for a passkey" in refused.text
    with world.db.write() as session:
        session.execute(delete(MemberRole).where(MemberRole.member_id == admin.id))
    assert world.browser("admin").post(f"{page}/remove", page=page).status_code == 303


def test_enrolling_with_a_passkey(world: World) -> None:  # A2 X4
    with world.db.write() as session:
        token = operations.invite(session, world.actor("admin"), world.id("chief"), code="ABCD-EFGH-IJKL-MNOP")
    client, page = world.outsider(), f"/enrol/{token}"
    assert client.post(page, {"enrolment_code": "ABCD-EFGH-IJKL-MNOP", "password": PASSWORD}, page=page).status_code == 303
    second = f"{page}/authenticator"
    other = world.outsider()
    crossed = other.request("POST", f"{page}/challenge", headers={"x-csrf-token": other.csrf("/sign-in")})
    assert crossed.status_code == 404, "another browser has no part in it"
    passkey = SoftKey()
    spoilt = passkey.make(asked(client, f"{page}/challenge", second), origin="http://localhost:8001")
    assert client.post(second, {"credential": spoilt}, page=second).status_code == 422
    done = client.post(second, {"credential": passkey.make(asked(client, f"{page}/challenge", second))}, page=second)
    assert done.text.count("<li><code>") == 10
    assert client.get("/").status_code == 200
    assert world.count(Authenticator) == world.count(Passkey) == 1
    assert one_tap(world.outsider(), passkey).status_code == 303
    assert client.get(page).status_code == 404


def test_an_administrator_enrols_and_adds_a_passkey_first(world: World) -> None:  # A2
    with world.db.write() as session:
        token = operations.invite(session, world.actor("admin"), world.id("admin"))
    client, page = world.outsider(), f"/enrol/{token}"
    assert client.post(page, {"password": PASSWORD}, page=page).status_code == 303
    second = f"{page}/authenticator"
    found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', client.get(second).text)
    assert found
    secret = found[1].replace(" ", "")
    done = client.post(second, {"code": totp.code_at(secret, totp.step_of(world.now))}, page=second)
    assert f'href="{ROLE}"' in done.text
    assert client.get("/").status_code == 303
    options = asked(client, "/sign-in/challenge", ROLE)
    assert client.post(ROLE, {"name": "Phone", "credential": SoftKey().make(options)}, page=ROLE).status_code == 303
    assert client.get("/admin").status_code == 200
    assert world.count(AuditEvent, AuditEvent.verb == "authenticator.add") == 1
