"""A14: only a form of ours, of this very session, changes anything; and reading changes nothing."""

from __future__ import annotations

import pytest

from app.web import csrf
from tests.closedness.crawler import addresses, crawl
from tests.web.everything import SCOPES, WHO, Rows, address, changed, lines, rows, scene_with_one_who_may_all, token_for
from tests.world import ORIGIN, World

# The one act that a mail program does without having seen a page (RFC 8058).
EXEMPT = {"/unsubscribe/{token}"}


# A member's session opens nothing of the way back or of signing in: test_returning.py and test_routes.py ask the same of one that does.
OPENS_NOTHING = {"returning": 404, "signing in": 303}


def test_a_form_without_our_token_changes_nothing(world: World) -> None:  # A14
    scene = scene_with_one_who_may_all(world)
    browser = world.browser(WHO)
    mine, other = token_for(world, browser), csrf.issue(world.platform.signer, b"of another session")
    attempts = [
        ({}, {}),
        ({"csrf": other}, {"origin": ORIGIN}),
        ({"csrf": "x"}, {}),
        ({"csrf": mine}, {"origin": "https://evil.example"}),
        ({"csrf": mine}, {"origin": "null"}),
        ({"csrf": mine}, {"sec-fetch-site": "cross-site"}),
        ({}, {"x-csrf-token": other}),
    ]
    before, tried = rows(world), 0
    for line in lines(world, safe=False):
        if line.is_api or line.path in EXEMPT:
            continue
        for fields, headers in attempts:
            answer = browser.request(line.method, address(line, scene), data=fields, headers=headers)
            assert answer.status_code == OPENS_NOTHING.get(line.rule.kind, 403), (line.path, fields, headers)
            tried += 1
    assert tried > 300
    assert changed(before, rows(world)) == set()


def test_a_cookie_opens_no_call_and_a_token_no_page(world: World) -> None:  # A14
    scene = scene_with_one_who_may_all(world)
    browser, script = world.browser(WHO), world.script(WHO, SCOPES)
    before = rows(world)
    for line in lines(world, safe=False):
        if line.path in EXEMPT:
            continue
        answer = (browser if line.is_api else script).request(line.method, address(line, scene), headers={"origin": ORIGIN})
        assert answer.status_code == (401 if line.is_api else 403 if line.rule.kind == "public" else 303), line.path
    assert changed(before, rows(world)) == set()


# What a read may write: how far someone read, when they were last seen, how many pages of members they opened, and that they read.
_MARKS = {"read_marks", "throttles"}
_MOVING = {"sessions": {"last_seen_at"}, "members": {"read_version"}, "bearer_tokens": {"last_used_at"}}
_READS = {"thread.read", "application.read", "evidence.view", "directory.alert"}


def _still(found: Rows) -> Rows:
    kept = {name: [{k: v for k, v in row.items() if k not in _MOVING.get(name, ())} for row in there] for name, there in found.items()}
    kept["audit_events"] = [row for row in kept["audit_events"] if row["verb"] not in _READS]
    return {name: there for name, there in kept.items() if name not in _MARKS}


@pytest.mark.parametrize("engine", ["sqlite"])
def test_reading_everything_changes_nothing(world: World) -> None:  # A14
    scene = scene_with_one_who_may_all(world)
    browser, script = world.browser(WHO), world.script(WHO, SCOPES)
    before, starts = rows(world), addresses(world, scene.ids)
    world.later(minutes=2)
    seen = [browser.request("HEAD", path).status_code for path in starts if not path.startswith("/api/")]
    for client, paths in (
        (browser, [p for p in starts if not p.startswith("/api/")]),
        (script, [p for p in starts if p.startswith("/api/")]),
    ):
        seen += [answer.status_code for _path, answer in crawl(client, paths)]
    after = rows(world)
    assert seen.count(200) > 150
    assert changed(before, after) >= {"read_marks", "sessions"}
    assert changed(_still(before), _still(after)) == set()
