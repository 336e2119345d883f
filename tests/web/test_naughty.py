"""Nasty texts in every field of every form: a clear answer soon, and nothing lost."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.attachments.things import picture
from tests.forum.steps import open_thread
from tests.house.matrix import FIELDS
from tests.membership.papers import call
from tests.web.everything import SCOPES, WHO, address, lines, scene_with_one_who_may_all, token_for
from tests.web.naughty import NAUGHTY, SEARCHES
from tests.web.test_input import ENDS_SESSIONS, FOR_PROGRAMS, is_clear
from tests.world import ORIGIN, World

MOST = 2.0  # seconds of this process for a request: what else the machine does is not counted
MORE = ("note", "name", "title", "q", "email", "deliver", "question", "choices", "subjects", "choice", "forum", "may_ask", "closes", "text",
        "text_version", "outcome", "kind", "marking", "step", "region", "phone", "about", "problem", "readers", "level", "at",
        "remind_at")  # fmt: skip


@pytest.fixture(autouse=True)
def no_failure(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


def fields_of(path: str) -> dict[str, object]:
    return dict.fromkeys(MORE, "") | FIELDS.get(path, {})


@pytest.mark.parametrize("engine", ["postgres"])
def test_each_form_takes_nasty_text_or_says_what_is_wrong(world: World) -> None:  # L10
    """Each form gets all of them in turn, each field another at a time; the stricter engine has to take what comes through."""
    scene = scene_with_one_who_may_all(world)
    browser = world.browser(WHO)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrf-token": token_for(world, browser), "origin": ORIGIN}
    forms = [line for line in lines(world, safe=False) if not line.is_api and line.path not in ENDS_SESSIONS]
    slow, asked = {}, 0
    for at, line in enumerate(forms):
        fields = list(fields_of(line.path))
        for turn in range(1 if "admin" in line.path else 2):
            sent = {name: NAUGHTY[(at * 7 + turn * 11 + n) % len(NAUGHTY)] for n, name in enumerate(fields)}
            body = "&".join(f"{name}={quote(text, safe='', errors='surrogatepass')}" for name, text in sent.items())
            begun = time.process_time()
            answer = browser.request(line.method, address(line, scene), content=body.encode(), headers=headers)
            took = time.process_time() - begun
            assert answer.status_code < 500, (line.path, sent)
            assert line.path in FOR_PROGRAMS or is_clear(answer, False), (line.path, answer.status_code, answer.text[:300])
            if took > MOST:
                slow[line.path] = took
            asked += 1
    assert slow == {}
    assert asked > 120


def test_searches_of_operators_alone_are_answered_in_words(world: World) -> None:
    open_thread(world, title="Osprey")
    browser, script = world.browser("chief"), world.script("chief", SCOPES)
    for q in (*SEARCHES, *NAUGHTY):
        path = f"/search?q={quote(q, errors='surrogatepass')}"
        begun = time.process_time()
        answers = browser.get(path), script.call("GET", path)
        kept = script.call("POST", "/saved-searches", {"q": q, "deliver": "none"})
        assert time.process_time() - begun < 3 * MOST, q[:80]
        assert [answer.status_code in (200, 414, 422) for answer in answers] == [True] * 2, (q[:80], answers)
        assert kept.status_code in (201, 409, 422), (q[:80], kept)
        assert is_clear(answers[0], False)
        assert is_clear(answers[1], True)
        if 0 < len(q) < 200 and not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", q):
            assert 'name="q"' in answers[0].text  # what was typed is there to be mended
    assert script.call("GET", "/search?q=osprey").json()["items"] != []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_markdown_bomb_and_500_files_are_answered_soon(world: World) -> None:
    thread = open_thread(world)
    script, browser = world.script("chief"), world.browser("chief")
    file = call(script, "/attachments", {}, ("map.png", picture())).json()["id"]
    bombs = ["*a" * 9_000, "[a](" * 4_000, "> " * 9_000, "`" * 18_000,
             "- " * 8_000, "<" * 18_000, "_*" * 9_000, "![" * 9_000,
             "|" * 15_000, "[a]: x\n" * 2_500, "@" * 15_000,
             "\n".join("  " * n + "- a" for n in range(120))]  # fmt: skip
    for bomb in bombs:
        begun = time.process_time()
        page = browser.post(f"/threads/{thread}/preview", {"body": bomb}, page=f"/threads/{thread}")
        answer = script.call("POST", f"/threads/{thread}/replies", {"body": bomb})
        assert (page.status_code in (200, 422), answer.status_code in (201, 422)) == (True, True), bomb[:20]
        assert time.process_time() - begun < 2 * MOST, bomb[:20]
    many = {"body": "Look at these.", "attachments": [file] * 500}
    refused = script.call("POST", f"/threads/{thread}/replies", many)
    assert refused.status_code == 422
    page = browser.post(
        f"/threads/{thread}/replies",
        [("body", "Look at these."), *[("attachments", str(n)) for n in range(1, 501)]],
        page=f"/threads/{thread}",
    )
    assert (page.status_code, "Look at these." in page.text) == (422, True)
