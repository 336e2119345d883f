"""One click each for the invented cast: in ENV=demo, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.accounts import hooks
from app.accounts.hooks import CastMember
from app.accounts.models import SignInSession
from tests.world import World


@pytest.fixture
def cast(demo_world: World) -> Iterator[World]:
    before = hooks._cast
    shown = [CastMember(demo_world.id(key), key.title(), "Chief", "Alderwood PD") for key in ("chief", "suspended")]
    hooks.register_cast(lambda conn: shown)
    yield demo_world
    hooks.register_cast(before)


def test_one_click_signs_in(cast: World) -> None:
    client = cast.outsider()
    assert "Alderwood PD" in client.get("/sign-in").text
    done = client.post("/demo/sign-in", {"member": str(cast.id("chief")), "next": "/settings/sessions"}, page="/sign-in")
    assert done.headers["location"] == "/settings/sessions"
    assert client.get("/settings/sessions").status_code == 200


def test_nobody_else_is_signed_in_that_way(cast: World) -> None:
    client = cast.outsider()
    for key in ("sheriff", "admin"):
        assert client.post("/demo/sign-in", {"member": str(cast.id(key))}, page="/sign-in").status_code == 404
    assert client.post("/demo/sign-in", {"member": str(cast.id("suspended"))}, page="/sign-in").status_code == 422
    assert client.post("/demo/sign-in", {"member": "x"}, page="/sign-in").status_code == 422
    assert cast.count(SignInSession) == 0


def test_in_production_there_is_no_such_route(world: World) -> None:
    hooks_before = hooks._cast
    hooks.register_cast(lambda conn: [CastMember(world.id("chief"), "Ellen")])
    try:
        client = world.outsider()
        assert "demo" not in client.get("/sign-in").text
        answer = client.post("/demo/sign-in", {"member": str(world.id("chief"))}, page="/sign-in")
        assert answer.headers["location"].startswith("/sign-in")
        assert world.count(SignInSession) == 0
    finally:
        hooks.register_cast(hooks_before)


def test_confirming_without_a_code(cast: World) -> None:
    client = cast.browser("chief", stepped_up=False)
    assert client.get("/settings/sign-in/password").status_code == 303
    done = client.post("/demo/step-up", {"next": "/settings/sign-in/password"}, page="/step-up")
    assert done.headers["location"] == "/settings/sign-in/password"
    assert client.get("/settings/sign-in/password").status_code == 200
