"""The frame every answer stands in: headers, hosts, limits, and what outsiders may tell apart."""

from __future__ import annotations

from tests.world import World


def test_health_says_ok_and_nothing_else(world: World) -> None:  # C5
    answer = world.outsider().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_an_outsider_is_sent_to_sign_in_whatever_the_path_and_method(world: World) -> None:  # C3
    outsider = world.outsider()
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        for path in ("/nothing", "/docs", "/healthz/x", "/metrics"):
            answer = outsider.request(method, path)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in"), (method, path)
            assert answer.headers["cache-control"] == "no-store"


def test_a_script_without_a_token_gets_401_as_a_problem(world: World) -> None:
    answer = world.outsider().call("GET", "/nothing")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_member_is_told_that_nothing_is_here(world: World) -> None:
    assert world.browser("chief").get("/nothing").status_code == 404
    assert world.script("chief").call("GET", "/nothing").status_code == 404


def test_every_answer_carries_the_headers(world: World) -> None:  # C7 C8 C9 C11
    for path in ("/healthz", "/nothing", "/static/squadroom.css"):
        headers = world.outsider().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers


def test_another_host_is_refused(world: World) -> None:
    assert world.outsider().get("/healthz", host="evil.example").status_code == 421
    moved = world.outsider().get("/nothing?a=1", host="127.0.0.1:8000")
    assert (moved.status_code, moved.headers["location"]) == (308, "http://localhost:8000/nothing?a=1")
