"""The first fence: every route has one rule, and what is public is public for a reason that was reviewed (C1)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.accounts.models import SignInSession
from app.core.audit import AuditEvent
from app.main import create_app
from app.web.guard import MEMBER, PUBLIC, SIGNED_IN, Allow, Rule
from app.web.routing import Route, Routes, install
from tests.accounts.person import person
from tests.house.census import KNOWN, LAST, Line, sample, walk
from tests.world import ORIGIN, World

# C1: what anyone may reach without signing in. A change here is a change of what the association shows to the world.
PUBLIC_ROUTES = {
    "/healthz", "/robots.txt", "/static/{name:path}", "/sign-in", "/sign-in/challenge",
    "/enrol/{token}", "/enrol/{token}/challenge", "/enrol/{token}/authenticator",
    "/apply", "/apply/find", "/apply/confirm/{token}", "/applications/{token}", "/applications/{token}/answer",
    "/applications/{token}/withdraw", "/applications/{token}/evidence",
    "/recover", "/recover/{token}", "/recover/{token}/case", "/not-me/{token}",
    "/unsubscribe/{token}",
}  # fmt: skip
MOST_PUBLIC = 20
WITHOUT_TOKEN = {"/unsubscribe/{token}"}  # RFC 8058: a mail program posts it


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def routes(world: World) -> list[Line]:
    return walk(world.app)


def test_the_census_sees_the_real_table(routes: list[Line]) -> None:  # C1
    assert {(line.method, line.path) for line in routes} >= KNOWN
    assert routes[-1].path == LAST


def test_every_route_has_exactly_one_rule(routes: list[Line]) -> None:  # C1
    kinds = {"public", "signed in", "member", "right", "returning", "signing in"}
    assert [line.path for line in routes if not isinstance(line.rule, Rule) or line.rule.kind not in kinds] == []
    assert [line.path for line in routes if (line.rule.kind == "right") != (line.rule.right is not None)] == []


def test_what_is_public_was_reviewed(routes: list[Line]) -> None:  # C1
    public = {line.path: line.rule.why for line in routes if line.rule.kind == "public"}
    assert set(public) == PUBLIC_ROUTES
    assert len(public) <= MOST_PUBLIC
    assert [path for path, why in public.items() if len(why) < 10] == []


def test_a_route_without_a_rule_is_refused_when_it_is_declared() -> None:  # C1
    for nothing in (None, "member", PUBLIC):
        with pytest.raises(TypeError):
            Routes().get("/x", nothing)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PUBLIC("")


def test_a_foreign_route_is_refused_at_the_start() -> None:  # C1
    from fastapi import FastAPI

    app = FastAPI()  # with its own /docs and /openapi.json
    with pytest.raises(RuntimeError, match="no access rule"):
        install(app)


def test_a_route_declared_twice_is_refused() -> None:
    from fastapi import FastAPI

    twice = Routes()
    twice.get("/x", MEMBER)(lambda ctx: None)
    twice.get("/x", SIGNED_IN)(lambda ctx: None)
    with pytest.raises(RuntimeError, match="twice"):
        install(FastAPI(docs_url=None, redoc_url=None, openapi_url=None), twice)


def test_the_demo_adds_routes_only_where_the_demo_runs(world: World, routes: list[Line]) -> None:
    demo = walk(create_app(world.settings.model_copy(update={"env": "demo"})))
    added = {line.path for line in demo} - {line.path for line in routes}
    assert added
    assert all(path.startswith("/demo") for path in added)
    assert [line.path for line in routes if line.path.startswith("/demo")] == []


def test_admin_and_moderation_pages_ask_for_a_right(routes: list[Line]) -> None:  # C1
    below = [line for line in routes if re.match(r"/(admin|moderation|api/v1/applications)(/|$)", line.path)]
    assert below
    assert [f"{line.method} {line.path}" for line in below if line.rule.kind != "right"] == []
    assert Allow(next(iter(below)).rule.right).kind == "right"  # type: ignore[arg-type]


def test_other_methods_and_unknown_paths_tell_an_outsider_nothing(world: World, routes: list[Line]) -> None:  # C3
    outsider = world.outsider()

    def told(method: str, path: str) -> tuple[int, str, bytes, str]:
        answer = outsider.request(method, path)
        return answer.status_code, answer.headers.get("location", "").split("?")[0], answer.content[:40], answer.headers.get("allow", "")

    for method in ("OPTIONS", "TRACE", "DELETE", "PROPFIND"):
        nowhere, nothing = told(method, "/no/such/page"), told(method, "/api/v1/no-such-call")
        for path in {line.path for line in routes if line.rule.kind != "public"}:
            assert told(method, sample(path, {})) == (nothing if path.startswith("/api/") else nowhere), f"{method} {path}"


def _without_token(line: Line) -> bool:
    return not line.is_safe and not line.is_api and line.path not in WITHOUT_TOKEN | {LAST}


def test_no_unsafe_request_goes_through_without_its_token(world: World, routes: list[Line]) -> None:  # A14
    unsafe = [line for line in routes if _without_token(line)]
    assert len(unsafe) > 10
    half, everyone = world.outsider(), [world.browser(key) for key in ("admin", "reviewer1", "chief")]
    person(world).show_password(half)
    before = world.count(AuditEvent)
    for line in unsafe:
        for browser in [half] if line.rule.kind == "signing in" else everyone:
            path = sample(line.path, {})
            for headers in ({"origin": ORIGIN}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
                answer = browser.request(line.method, path, data={"csrf": "x" * 43}, headers=headers)
                assert answer.status_code in (403, 404), f"{line.method} {line.path}: {answer.status_code}"
    assert world.count(AuditEvent) == before


def test_the_one_exception_to_the_token_is_the_one_click_stop(routes: list[Line]) -> None:  # A14
    assert {line.path for line in routes if not line.is_safe and not line.route.squadroom.csrf} == WITHOUT_TOKEN


# What asks for a second factor within the last five minutes (contract, "Tokens and rights").
STEP_UP = re.compile(
    r"/settings/sign-in/|/settings/tokens$|/decisions$|/admin/agencies/.*/domains|/admin/(forums|groups|members|first-steps)"
)


def test_sensitive_acts_ask_for_the_second_factor_again(world: World, routes: list[Line]) -> None:
    sensitive = [line for line in routes if line.route.squadroom.step_up and not line.is_api]
    assert {line.path for line in routes if not line.is_safe and not line.is_api and STEP_UP.search(line.path)} <= {
        line.path for line in sensitive
    }
    browsers: dict[str, Any] = {key: world.browser(key, stepped_up=False) for key in ("admin", "reviewer1", "chief")}
    for line in sensitive:
        key = {"right": {"admin": "admin", "review": "reviewer1"}.get(line.rule.right or "", "admin")}.get(line.rule.kind, "chief")
        answer = browsers[key].request(line.method, sample(line.path, {}), data={}, headers={"origin": ORIGIN})
        assert answer.status_code in (303, 403), f"{line.method} {line.path}: {answer.status_code}"
        if line.is_safe:
            assert answer.headers["location"].startswith("/step-up"), line.path
    assert world.count(SignInSession) == 3


def test_the_route_class_is_the_only_way_in(routes: list[Line]) -> None:  # C1
    assert {type(line.route) for line in routes} == {Route}
