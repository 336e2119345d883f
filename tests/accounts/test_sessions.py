"""How long a session lives, what ends it, and that what was typed outlives it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from app.accounts import operations, throttle
from app.accounts.models import BearerToken, KeptForm, SignInSession
from app.core import clock
from app.core.errors import Forbidden
from app.membership.models import Member, MemberStatus
from app.tables import metadata
from tests.accounts.person import PASSWORD, person
from tests.world import World

PAGE = "/settings/sessions"


def is_in(client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.parametrize(("delta", "open_still"), [({"minutes": 29, "seconds": 59}, True), ({"minutes": 30, "seconds": 1}, False)])
def test_strict_idle_limit(strict_world: World, delta: dict[str, float], open_still: bool) -> None:  # A13
    client = strict_world.browser("chief")
    assert is_in(client)
    strict_world.later(**delta)
    assert is_in(client) is open_still


@pytest.mark.parametrize(("seconds", "open_still"), [(-60, True), (60, False)])
def test_strict_absolute_limit(strict_world: World, seconds: int, open_still: bool) -> None:  # A13
    client = person(strict_world).signed_in()
    for _ in range(35):
        strict_world.later(minutes=20)
        assert is_in(client)
    strict_world.later(minutes=20, seconds=seconds)  # 11:59 or 12:01 after signing in
    assert is_in(client) is open_still


@pytest.mark.parametrize(("minutes", "open_still"), [(59, True), (61, False)])
def test_standard_idle_limit(world: World, minutes: int, open_still: bool) -> None:  # A13
    client = person(world).signed_in()
    world.later(minutes=minutes)
    assert is_in(client) is open_still


def test_what_a_page_asks_by_itself_keeps_no_session_alive(strict_world: World) -> None:  # A13
    client = person(strict_world).signed_in()
    for _ in range(6):
        strict_world.later(minutes=5)
        client.get("/sign-in")
        client.get("/healthz")
        client.get("/nothing/here")
    strict_world.later(seconds=1)
    assert not is_in(client)


def test_one_key_stays_signed_in_but_never_past_the_absolute_limit(strict_world: World) -> None:  # X5
    client = person(strict_world).signed_in()
    for _ in range(28):
        strict_world.later(minutes=25)
        answer = client.post("/session/extend", page=PAGE)
        assert answer.status_code == 204
    strict_world.later(minutes=15)  # 11:55 after signing in at 16:00
    assert client.post("/session/extend", page=PAGE).headers["x-session-ends"] == "2026-11-24T04:00:00+00:00"
    strict_world.later(minutes=6)
    assert not is_in(client)


def test_suspension_and_disabling_end_everything_at_once(world: World) -> None:  # A11
    for key, act in (("chief", "suspend"), ("sheriff", "disable"), ("colleague", "end")):
        who = person(world, key)
        client, script = who.signed_in(), world.script(key)
        assert is_in(client)
        assert script.call("GET", "/nothing").status_code == 404
        with world.db.write() as session:
            if act == "suspend":
                session.execute(update(Member).where(Member.id == who.id).values(status=MemberStatus.SUSPENDED))
            elif act == "disable":
                operations.disable(session, world.actor("admin"), who.id)
            else:
                operations.end_access(session, world.actor("admin"), who.id)
        assert not is_in(client), act
        assert script.call("GET", "/nothing").status_code == 401, act


def test_a_member_sees_and_ends_their_own_sessions(world: World) -> None:  # A17 A11
    chief = person(world)
    first = chief.signed_in()
    world.later(seconds=30)
    second = chief.signed_in()
    sheriff = person(world, "sheriff").signed_in()
    with world.db.read() as conn:
        mine = select(SignInSession.id).where(SignInSession.account_id == chief.id).order_by(SignInSession.id)
        ids = [row.id for row in conn.execute(mine)]
    assert second.get(PAGE).text.count('/end"') == 1, "one other session"
    assert sheriff.post(f"{PAGE}/{ids[0]}/end", page=PAGE).status_code == 404
    assert is_in(first)
    assert second.post(f"{PAGE}/{ids[0]}/end", page=PAGE).headers["location"] == f"{PAGE}?said=session-ended"
    assert not is_in(first)
    world.later(seconds=30)
    third = chief.signed_in()
    assert third.post(f"{PAGE}/end-others", page=PAGE).status_code == 303
    assert not is_in(second)
    assert is_in(third)
    assert is_in(sheriff)


def test_an_administrator_ends_all_sessions_of_one_and_nobody_else_does(world: World) -> None:  # A17
    chief = person(world)
    client = chief.signed_in()
    with world.db.write() as session, pytest.raises(Forbidden):
        operations.end_sessions(session, world.actor("colleague"), chief.id)
    assert is_in(client)
    with world.db.write() as session:
        assert operations.end_sessions(session, world.actor("admin"), chief.id) == 1
    assert not is_in(client)


def test_what_was_typed_when_the_session_ran_out_comes_back(world: World) -> None:  # X5
    chief = person(world)
    client = chief.signed_in()
    text = "A lesson of many words that must not be lost, whatever the clock says about it."
    page = client.get("/settings/tokens")
    world.later(hours=2)
    token = re.search(r'csrf" value="([^"]+)', page.text)[1]
    body = {"name": text, "scope": "read", "days": "30", "password": "never kept", "csrf": token}
    gone = client.request("POST", "/settings/tokens", data=body, headers={"origin": "http://localhost:8000"})
    assert gone.headers["location"].startswith("/sign-in?next=%2Fkept%2F")
    kept_id = world.one(select(KeptForm.id)).id
    chief.show_password(client, next=f"/kept/{kept_id}")
    assert chief.show_code(client, next=f"/kept/{kept_id}").headers["location"] == f"/kept/{kept_id}"
    shown = client.get(f"/kept/{kept_id}").text
    assert text in shown
    assert "never kept" not in shown
    assert world.browser("sheriff").get(f"/kept/{kept_id}").status_code == 404, "to nobody else"
    fields = {"name": "A name", "scope": "read", "days": "30", "kept": str(kept_id)}
    bad = client.post("/settings/tokens", {**fields, "days": "400"}, page=f"/kept/{kept_id}")
    assert bad.status_code == 422
    assert world.count(KeptForm) == 1, "still there while it wasn't taken"
    assert client.post("/settings/tokens", fields, page=f"/kept/{kept_id}").status_code == 200
    assert world.count(KeptForm) == 0
    assert world.count(BearerToken) == 1


def test_a_kept_form_is_dropped_by_its_owner_alone(world: World) -> None:
    with world.db.write() as session:
        session.add(KeptForm(account_id=world.id("chief"), path="/x", fields=[("body", "some text")], created_at=clock.now()))
    world.browser("sheriff").post("/kept/1/drop", page=PAGE)
    assert world.count(KeptForm) == 1
    assert world.browser("chief").post("/kept/1/drop", page="/kept/1").headers["location"] == "/?said=kept-dropped"
    assert world.count(KeptForm) == 0


def test_stepping_up_needs_a_fresh_code_and_lasts_five_minutes(world: World) -> None:  # A11
    chief = person(world)
    client = chief.signed_in()
    page = "/settings/sign-in/password"
    assert client.get(page).status_code == 200, "just signed in"
    world.later(minutes=5)
    asked = client.get(page)
    assert asked.headers["location"] == "/step-up?next=%2Fsettings%2Fsign-in%2Fpassword"
    before = client.cookies["squadroom"]
    assert client.post("/step-up", {"code": "000000"}, page="/step-up").status_code == 422
    assert client.get(page).status_code == 303
    done = client.post("/step-up", {"code": chief.code(), "next": page}, page="/step-up")
    assert done.headers["location"] == page
    assert client.cookies["squadroom"] != before
    assert client.get(page).status_code == 200
    old = world.outsider()
    old.cookies.set("squadroom", before)
    assert not is_in(old)


def test_an_act_that_needs_a_fresh_code_is_kept_meanwhile(world: World) -> None:
    chief = person(world)
    client = chief.signed_in()
    world.later(minutes=6)
    asked = client.post("/settings/tokens", {"name": "Monthly report", "scope": "read", "days": "30"}, page="/settings/tokens")
    assert asked.headers["location"].startswith("/step-up?next=%2Fkept%2F")
    assert world.count(BearerToken) == 0
    done = client.post("/step-up", {"code": chief.code(), "next": "/kept/1"}, page="/step-up")
    assert done.headers["location"] == "/kept/1"
    assert "Monthly report" in client.get("/kept/1").text


def test_a_stolen_session_can_not_guess_codes(world: World) -> None:  # A6
    chief = person(world)
    client = chief.signed_in()
    world.later(minutes=6)
    for _ in range(5):
        client.post("/step-up", {"code": "000000"}, page="/step-up")
    assert client.post("/step-up", {"code": chief.code()}, page="/step-up").status_code == 422


def test_old_counts_are_cleaned_up(world: World) -> None:
    chief = person(world)
    chief.show_password(world.outsider(), "wrong wrong wrong")
    world.later(minutes=16)
    with world.db.write() as session:
        throttle.clean(session, world.now)
    assert world.count(throttle.Throttle) == 0
    assert chief.show_password(world.outsider(), PASSWORD).status_code == 303


def test_looking_changes_nothing(world: World) -> None:  # A14
    chief = person(world)
    client = chief.signed_in()

    def rows() -> dict[str, list[tuple[object, ...]]]:
        with world.db.read() as conn:
            return {table.name: [tuple(row) for row in conn.execute(select(table))] for table in metadata.sorted_tables}

    before = rows()
    mine = [f"/settings/sign-in/{page}" for page in ("password", "authenticators", "authenticators/1", "recovery-codes")]
    for path in (*mine, PAGE, "/settings/tokens", "/settings/sign-in", "/step-up", "/sign-in", "/sign-in/factor"):
        for method in ("GET", "HEAD"):
            assert client.request(method, path).status_code in (200, 303), path
    assert rows() == before
