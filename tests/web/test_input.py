"""Whatever is sent, the answer is a clear one: never a failure of ours, and a person's page or a script's problem document."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.forum.steps import LESSON, open_thread
from tests.web.everything import SCOPES, WHO, address, lines, scene_with_one_who_may_all, token_for
from tests.world import ORIGIN, Client, World

UGLY = ("%00", "a%00b", "%ff%fe", "%ed%a0%80", "9" * 30, "-1", "2147483648", "%2e%2e%2fetc", "%0d%0aX-A:1", "x" * 3000, "%F0%9F%9A%93")
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def no_failure(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Each test here ends with nothing logged as failed."""
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


def is_clear(answer: Any, is_api: bool) -> bool:
    """A refusal says what it is, in the form of whom it is told to."""
    if answer.status_code < 400:
        return True
    kind = answer.headers.get("content-type", "")
    if is_api:
        return kind == PROBLEM and answer.json()["status"] == answer.status_code and bool(answer.json()["title"])
    return kind.startswith("text/html") and "<h1>" in answer.text


def test_no_address_and_no_query_makes_it_fail(world: World) -> None:
    scene = scene_with_one_who_may_all(world)
    browser, script = world.browser(WHO), world.script(WHO, SCOPES)
    asked = 0
    for line in lines(world, safe=True):
        client = script if line.is_api else browser
        parameters = [p.alias for p in line.route.dependant.query_params]
        if not parameters and "{" not in line.path:
            continue
        for ugly in UGLY:
            paths = [address(line, scene) + "?" + "&".join(f"{name}={ugly}" for name in parameters)] if parameters else []
            if "{" in line.path:
                paths.append("/".join(ugly if part.startswith("{") else part for part in line.path.split("/")))
            for path in paths:
                if script is client and asked % 250 == 249:  # a token has 300 calls a minute
                    client = script = world.script(WHO, SCOPES)
                answer = client.get(path)
                assert answer.status_code < 500, path[:200]
                assert is_clear(answer, line.is_api), (path[:200], answer.status_code, answer.text[:200])
                asked += 1
    assert asked > 300


@pytest.mark.parametrize("path", ["/no%0Dsuch%0Apage", "/threads/1%0A", "/api/v1/no%0Asuch"])
def test_an_address_with_a_line_break_is_like_any_that_is_not_there(world: World, path: str) -> None:  # C3
    plain = path.split("%", maxsplit=1)[0] + "x"
    for method in ("GET", "POST", "PROPFIND"):
        outside, inside = world.outsider(), world.script("chief") if "/api/" in path else world.browser("chief")
        headers = {"origin": ORIGIN}
        asked, like = outside.request(method, path, headers=headers), outside.request(method, plain, headers=headers)
        assert asked.status_code == like.status_code == (401 if "/api/" in path else 303)
        assert inside.request(method, path, headers=headers).status_code == 404


@pytest.mark.parametrize("host", ["[", "[::1", "", "a b", "localhost:8000@evil.example"])
def test_a_host_that_is_none_is_refused(world: World, host: str) -> None:
    assert world.outsider().get("/sign-in", host=host).status_code == 421


_PART = b'--x\r\nContent-Disposition: form-data; name="body"%s\r\n\r\nhello\r\n'
BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("", b""),
    "text": ("text/plain", b"hello"),
    "form with bytes that are no text": ("application/x-www-form-urlencoded", b"body=%ff%fe&title=\xff\xfe&name=%00&reason=%ed%a0%80&a=b"),
    "1001 fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=b" % n for n in range(1001))),
    "a name a thousand times": ("application/x-www-form-urlencoded", b"&".join([b"title=a", b"body=a", b"readers=1", b"version=1"] * 200)),
    "broken multipart": ("multipart/form-data; boundary=x", _PART % b""),
    "multipart of nothing": ("multipart/form-data", b"--x\r\n\r\n"),
    "multipart in a strange charset": ("multipart/form-data; boundary=x; charset=klingon", _PART % b"" + b"--x--\r\n"),
    "a file for a field": ("multipart/form-data; boundary=x", _PART % b'; filename="a"' + b"--x--\r\n"),
    "deep JSON": ("application/json", b'{"body":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "JSON of another kind": ("application/json", b"[1,2,3]"),
    "half JSON": ("application/json", b'{"body": "'),
    "JSON that is no UTF-8": ("application/json", b'{"body": "\xff\xfe"}'),
    "JSON with half a character": ("application/json", b'{"body": "\\ud800", "title": "\\ud800", "kind": "lesson"}'),
    "numbers beyond all": ("application/json", b'{"version": ' + b"9" * 400 + b', "position": 1e999, "body": "a"}'),
    "JSON as a form": ("application/x-www-form-urlencoded", b'{"body": "a"}'),
    "strange type": ("application/json; charset=utf-7; =", b"{}"),
}  # fmt: skip


# What only a database can stumble over; the rest is read before there is one.
FOR_EVERY_ENGINE = ("form with bytes that are no text", "JSON with half a character", "numbers beyond all")
FOR_PROGRAMS = ("/attachments",)  # a page's script asks it, and shows the words that come
ENDS_SESSIONS = ("/sign-out", "/settings/sessions/end-others", "/settings/sessions/end-all")


def test_no_body_makes_any_act_fail(world: World, engine: str) -> None:  # L10
    scene = scene_with_one_who_may_all(world)
    kinds = BODIES if engine == "sqlite" else FOR_EVERY_ENGINE
    asked = 0
    for kind in kinds:
        content_type, body = BODIES[kind]
        script, browser = world.script(WHO, SCOPES), world.browser(WHO)
        for_forms = {"content-type": content_type, "x-csrf-token": token_for(world, browser), "origin": ORIGIN}
        for line in lines(world, safe=False):
            if line.path in ENDS_SESSIONS:
                continue
            sender, headers = (script, {"content-type": content_type}) if line.is_api else (browser, for_forms)
            answer = sender.request(line.method, address(line, scene), content=body, headers=headers)
            assert answer.status_code < 500, (kind, line.path)
            assert is_clear(answer, line.is_api) or line.path in FOR_PROGRAMS, (kind, line.path, answer.status_code, answer.text[:200])
            asked += 1
        assert browser.get("/rules").status_code == 200, f"{kind}: the session ended on the way"
    assert asked > 50 * len(kinds)


def test_a_body_of_ten_megabytes_is_refused_unread(world: World) -> None:  # L10
    thread = open_thread(world)
    big = b"body=" + b"a" * 10_000_000
    chief = world.browser("chief")
    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrf-token": token_for(world, chief), "origin": ORIGIN}
    page = chief.request("POST", f"/threads/{thread}/replies", content=big, headers=headers)
    call = world.script("chief").request("POST", f"/api/v1/threads/{thread}/replies", content=big)
    assert (page.status_code, call.status_code) == (413, 413)
    assert is_clear(page, False)
    assert is_clear(call, True)

    async def in_pieces():  # no length declared: it is counted as it comes
        for _ in range(200):
            yield b"a" * 50_000

    answer = world.script("chief").request("POST", f"/api/v1/threads/{thread}/replies", content=in_pieces())
    assert answer.status_code == 413
    assert world.script("chief").call("GET", f"/threads/{thread}").json()["reply_count"] == 0


def test_too_many_fields_are_refused_and_the_rest_is_read(world: World) -> None:  # L10
    chief = world.browser("chief")
    headers = {"x-csrf-token": token_for(world, chief), "origin": ORIGIN}
    for kind in ({"data": {f"a{n}": "b" for n in range(1001)}}, {"files": {f"a{n}": (None, "b") for n in range(1001)}}):
        assert chief.request("POST", "/forums/patrol/new", headers=headers, **kind).status_code == 400
    fields = {**LESSON, **{f"a{n}": "b" for n in range(900)}}
    assert chief.request("POST", "/forums/patrol/new", headers=headers, data=fields).status_code == 303
    as_parts = {name: (None, value) for name, value in LESSON.items()}
    assert chief.request("POST", "/forums/patrol/new", headers=headers, files=as_parts).status_code == 303


@pytest.mark.parametrize("cursor", ["x", "W10", "e30", "bnVsbA", "W1sidCIsIjAwMDEtMDEtMDFUMDA6MDA6MDArMTQ6MDAiXSxbInYiLDFdXQ", "%00", "é"])
def test_a_cursor_that_is_none_is_told_apart(world: World, cursor: str) -> None:
    script = world.script("chief")
    paths = ("/forums/patrol/threads?sort=newest&cursor=", "/forums/patrol/threads?cursor=", "/members?cursor=", "/agencies?cursor=")
    for path in paths:
        answer = script.call("GET", path + quote(cursor, safe="%"))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor"), path
    deep = "W1tb" * 15_000
    assert script.call("GET", paths[0] + deep).status_code == 422


@pytest.mark.parametrize("engine", ["sqlite"])
def test_calls_made_from_the_description_never_fail(world: World) -> None:  # L9
    open_thread(world)
    described = world.script("chief").call("GET", "/openapi.json")
    assert described.status_code == 200
    schema = schemathesis.openapi.from_dict(described.json())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        _fuzz(world, operation, world.script(WHO, SCOPES))


def _fuzz(world: World, operation: Any, script: Client) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def sent(case: Any) -> None:
        made = case.as_transport_kwargs(base_url=ORIGIN)
        body = {key: made[key] for key in ("json", "data") if made.get(key) is not None}
        headers = {"content-type": "application/json"} if "json" in body else {}
        try:
            answer = script.request(made["method"], made["url"], params=made.get("params"), headers=headers, **body)
        except (UnicodeError, TypeError):  # what no client can put on the wire
            hypothesis.reject()
        assert answer.status_code < 500, (operation.label, made)
        assert is_clear(answer, True), (operation.label, made)

    sent()
