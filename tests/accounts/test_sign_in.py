"""Signing in through the pages: banner, password, second factor, what outsiders may tell apart, and the cookie."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import select, update

from app.accounts import banner
from app.accounts.models import Account, SessionLevel, SignInSession
from app.accounts.paths import own_path
from app.core.audit import AuditEvent
from app.core.config import Settings
from app.main import create_app
from app.web.routing import Route
from tests.accounts.person import PASSWORD, WRONG, person
from tests.world import ORIGIN, World


def test_password_then_code_opens_the_forum(world: World) -> None:
    chief, client = person(world), world.outsider()
    assert client.get("/settings/sessions").headers["location"].startswith("/sign-in")
    shown = chief.show_password(client)
    assert (shown.status_code, shown.headers["location"]) == (303, "/sign-in/factor")
    entered = chief.show_code(client)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert client.get("/settings/sessions").status_code == 200


def test_where_one_wanted_to_go_is_remembered_through_both_steps(world: World) -> None:
    chief, client = person(world), world.outsider()
    page = client.get("/settings/tokens?x=1").headers["location"]
    assert page == "/sign-in?next=%2Fsettings%2Ftokens%3Fx%3D1"
    shown = client.post(
        "/sign-in", {"email": chief.email, "password": PASSWORD, "consent": "yes", "next": "/settings/tokens?x=1"}, page=page
    )
    entered = client.post("/sign-in/factor", {"code": chief.code(), "next": "/settings/tokens?x=1"}, page=shown.headers["location"])
    assert entered.headers["location"] == "/settings/tokens?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\/evil",
        "/a\nb",
        "javascript:alert(1)",
        "",
        "/" * 2,
        "/\t/evil",
        "/" + "a" * 2000,
    ],
)
def test_next_leads_to_our_own_pages_alone(target: str) -> None:
    assert own_path("/threads/1?from=20#r25") == "/threads/1?from=20#r25"
    assert own_path(target) == "/"


def test_without_consent_nobody_signs_in_and_the_error_is_at_the_form(world: World) -> None:  # A16
    chief, client = person(world), world.outsider()
    refused = client.post("/sign-in", {"email": chief.email, "password": PASSWORD}, page="/sign-in")
    assert refused.status_code == 422
    assert 'id="consent-error"' in refused.text
    assert chief.email in refused.text, "what was typed is not asked again"
    assert PASSWORD not in refused.text
    assert world.count(SignInSession) == 0
    assert banner.PARAGRAPHS[1] in client.get("/sign-in").text


def test_the_log_keeps_which_words_were_agreed_to(world: World) -> None:  # A16
    chief = person(world)
    chief.signed_in()
    row = world.one(select(AuditEvent.detail, AuditEvent.actor_id).where(AuditEvent.verb == "sign_in.password"))
    assert len(banner.VERSION) == 64
    assert banner.VERSION in row.detail
    assert row.actor_id == chief.id


def neutral(answer: httpx.Response, *own: str) -> tuple[int, str, list[tuple[str, str]]]:
    """An answer without what differs from any request to the next: nonces, masked tokens, and what the asker typed."""
    text, headers = answer.text, [(k, v) for k, v in answer.headers.items() if k not in ("date",)]
    for word in own:
        text = text.replace(word, "OWN")
    nonce = re.search(r'nonce="([^"]+)"', answer.text)
    text = re.sub(r'(csrf" value="|data-csrf="|X-CSRF-Token": ")[\w-]+', "TOKEN", text)
    if nonce:
        text = text.replace(nonce[1], "NONCE")
        headers = [(k, v.replace(nonce[1], "NONCE")) for k, v in headers]
    return answer.status_code, text, [(k, v) for k, v in headers if k != "content-length"]


def test_wrong_unknown_suspended_disabled_and_locked_answer_alike(world: World) -> None:  # A15
    chief, suspended, sheriff, locked = (person(world, key) for key in ("chief", "suspended", "sheriff", "colleague"))
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id == sheriff.id).values(disabled_at=world.now))
    for _ in range(5):
        locked.show_password(world.outsider(), WRONG)
    tries = [
        (chief.email, WRONG), ("nobody@nowhere.example", WRONG), (suspended.email, PASSWORD), (sheriff.email, PASSWORD),
        (locked.email, PASSWORD), ("not an address", WRONG),
    ]  # fmt: skip
    answers = []
    for address, password in tries:
        answer = world.outsider().post("/sign-in", {"email": address, "password": password, "consent": "yes"}, page="/sign-in")
        answers.append(neutral(answer, address))
    assert chief.show_password(world.outsider()).status_code == 303, (
        "the right password is answered otherwise, so there is something to tell"
    )
    assert answers[0][0] == 422
    for (address, _), answer in zip(tries, answers, strict=True):
        assert answer == answers[0], address


def test_a_password_alone_opens_nothing(world: World) -> None:  # A1
    chief, client = person(world), world.outsider()
    chief.show_password(client)
    whole = chief.signed_in()
    opened, asked = [], 0
    for route in world.app.app.router.routes:
        assert isinstance(route, Route)
        if route.access.kind in ("public", "signing in"):
            continue
        path = re.sub(r"\{[^}]+\}", "1", route.path)
        for method in sorted(route.methods):
            asked += 1
            answer = client.request(method, path)
            closed = answer.status_code == 401 if path.startswith("/api/") else answer.headers.get("location", "").startswith("/sign-in")
            opened += [] if closed else [(method, path, answer.status_code)]
    assert opened == []
    assert asked > 40
    assert whole.get("/settings/sign-in").status_code == 200, "a whole session opens what the half one did not"


def test_the_public_routes_are_few(world: World) -> None:  # C1
    mine = {r.path for r in world.app.app.router.routes if isinstance(r, Route) and r.access.kind == "public"}
    assert {p for p in mine if p.startswith(("/sign-in", "/enrol", "/demo"))} == {
        "/sign-in", "/sign-in/challenge",
        "/enrol/{token}", "/enrol/{token}/challenge", "/enrol/{token}/authenticator",
    }  # fmt: skip


def test_the_later_steps_open_after_the_password_alone(world: World) -> None:  # C1
    chief, client = person(world), world.outsider()
    steps = [r.path for r in world.app.app.router.routes if isinstance(r, Route) and r.access.kind == "signing in" and "GET" in r.methods]
    assert {"/sign-in/factor", "/sign-in/password", "/sign-in/role", "/sign-in/address", "/sign-in/terms"} == set(steps)
    for path in steps:
        answer = client.get(f"{path}?next=/forums")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fforums"), path
    chief.show_password(client)
    assert client.get("/sign-in/factor").status_code == 200
    assert chief.signed_in().get("/sign-in/factor").headers["location"] == "/sign-in", "which leads on to the first page"


def test_the_token_is_new_at_each_step_and_the_old_one_dead(world: World) -> None:  # A11
    chief, client = person(world), world.outsider()
    chief.show_password(client)
    half = client.cookies["squadroom"]
    chief.show_code(client)
    whole = client.cookies["squadroom"]
    assert half != whole
    assert len(whole) >= 43, "256 bits"
    old = world.outsider()
    old.cookies.set("squadroom", half)
    assert old.get("/settings/sessions").status_code == 303
    assert old.get("/sign-in/factor").headers["location"].startswith("/sign-in")
    assert world.count(SignInSession, SignInSession.level == SessionLevel.FULL) == 1


def test_signing_out_ends_the_session_and_clears_the_browser(world: World) -> None:  # A11
    chief = person(world)
    client = chief.signed_in()
    token = client.cookies["squadroom"]
    done = client.post("/sign-out", page="/settings/sessions")
    assert done.headers["location"] == "/sign-in?said=signed-out"
    assert done.headers["clear-site-data"] == '"cache", "storage"'
    assert "squadroom" not in client.cookies
    again = world.outsider()
    again.cookies.set("squadroom", token)
    assert again.get("/settings/sessions").status_code == 303


def test_signing_in_again_ends_what_this_browser_had_before(world: World) -> None:  # A11
    chief, client = person(world), world.outsider()
    chief.show_password(client)
    chief.show_password(client)
    assert world.count(SignInSession, SignInSession.ended_at.is_(None)) == 1


def test_the_cookie_says_as_little_as_it_can(world: World) -> None:  # A12
    client = world.outsider()
    answer = person(world).show_password(client)
    cookie = next(v for v in answer.headers.get_list("set-cookie") if v.startswith("squadroom="))
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax"}


def test_on_https_every_cookie_is_bound_to_this_host(world: World, tmp_path) -> None:  # A12
    chief = person(world)
    settings = Settings(
        database_url=world.settings.url,
        data_dir=tmp_path,
        base_url="https://forum.example.org",
        secret_key="a secret of the tests",
        _env_file=None,
    )
    app = create_app(settings)
    client = world.outsider()
    plain = client._http
    client._http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://forum.example.org")
    try:
        page = client.get("/sign-in")
        body = {"email": chief.email, "password": PASSWORD, "consent": "yes", "csrf": re.search(r'csrf" value="([^"]+)', page.text)[1]}
        answer = client.request("POST", "/sign-in", data=body, headers={"origin": "https://forum.example.org"})
        assert answer.status_code == 303
        cookies = page.headers.get_list("set-cookie") + answer.headers.get_list("set-cookie")
        assert [c.split("=")[0] for c in cookies] == ["__Host-squadroom-browser", "__Host-squadroom"]
        for cookie in cookies:
            parts = {part.strip().lower().split("=")[0] for part in cookie.split(";")[1:]}
            assert parts - {"max-age", "expires"} == {"httponly", "path", "samesite", "secure"}
            assert "domain" not in parts
            assert len(cookie) < 4096
            assert chief.email not in cookie
    finally:
        client._portal.call(client._http.aclose)
        client._http = plain
        client._portal.call(app.app.state.platform.close)


def test_without_the_forms_own_token_nothing_happens(world: World) -> None:  # A14
    chief, client = person(world), world.outsider()
    client.get("/sign-in")
    fields = {"email": chief.email, "password": PASSWORD, "consent": "yes"}
    foreign = world.outsider().csrf("/sign-in")
    for extra, headers in (({}, {}), ({"csrf": foreign}, {}), ({"csrf": client.csrf("/sign-in")}, {"origin": "https://evil.example"})):
        answer = client.request("POST", "/sign-in", data={**fields, **extra}, headers={"origin": ORIGIN, **headers})
        assert answer.status_code == 403
    assert world.count(SignInSession) == 0
    assert world.count(AuditEvent) == 0


def test_every_act_of_a_member_needs_the_sessions_own_token(world: World) -> None:  # A14
    client, other = world.browser("chief"), world.browser("sheriff")
    foreign = other.csrf("/settings/sessions")
    before = world.count(AuditEvent)
    settings = ("password", "authenticators", "authenticators/1", "authenticators/1/remove", "recovery-codes")
    acts = [f"/settings/sign-in/{act}" for act in settings]
    acts += ["/sign-out", "/step-up", "/session/extend", "/kept/1/drop", "/settings/sessions/1/end", "/settings/sessions/end-others"]
    acts += ["/settings/tokens", "/settings/tokens/1/end"]
    for path in acts:
        for fields in ({}, {"csrf": foreign}):
            assert client.request("POST", path, data=fields, headers={"origin": ORIGIN}).status_code == 403, path
    assert world.count(AuditEvent) == before
    assert client.get("/settings/sessions").status_code == 200


def test_the_member_is_told_of_the_last_sign_in_and_of_failed_tries(world: World) -> None:  # A17
    chief = person(world)
    chief.signed_in()
    world.later(hours=5)
    for _ in range(3):
        chief.show_password(world.outsider(), WRONG)
    client = world.outsider()
    chief.show_password(client)
    assert chief.show_code(client).headers["location"] == "/?said=tries-failed"
    said = client.get("/?said=tries-failed").text.partition('class="flash"')[2][:300]
    assert "Someone tried to sign in as you" in said
    assert "#i-triangle-alert" in said, "no tick beside a warning"
    page = client.get("/settings/sessions").text
    assert "3 tries to sign in as you failed" in page
    assert "Nov 23, 8:00 AM" in page, "in the association's zone"
    world.later(hours=1)
    assert "No try to sign in as you failed" in chief.signed_in().get("/settings/sessions").text


def test_fields_may_be_pasted_into_and_filled_by_a_password_manager(world: World) -> None:  # X4
    chief, client = person(world), world.outsider()
    page = client.get("/sign-in").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    chief.show_password(client)
    page = client.get("/sign-in/factor").text
    assert 'autocomplete="one-time-code"' in page
    assert "onpaste" not in page
