"""C13: when something of ours breaks, the answer is a page or a problem with the request's id, and says nothing else."""

from __future__ import annotations

import re

import pytest

from tests.forum.steps import open_thread
from tests.world import World


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("table", ["forums", "sessions", "bearer_tokens", "members"])
def test_a_failure_of_ours_shows_an_id_and_nothing_of_the_inside(world: World, table: str, caplog: pytest.LogCaptureFixture) -> None:  # C13
    thread = open_thread(world, title="canary-title")
    browser, script = world.browser("chief"), world.script("chief")
    assert "canary-title" in browser.get(f"/threads/{thread}").text
    with world.db.write() as session:
        session.connection().exec_driver_sql(f"ALTER TABLE {table} RENAME TO broken")
    page, call = browser.get(f"/threads/{thread}"), script.call("GET", f"/threads/{thread}")
    failed = [answer for answer in (page, call) if answer.status_code == 500]
    assert failed, "something must have broken"
    for answer in (page, call):
        assert answer.status_code == 500 or table in ("sessions", "bearer_tokens")
    for answer in failed:
        request_id = re.search(r"[0-9a-f]{32}", answer.text)
        assert request_id
        assert f"request {request_id[0]} failed" in caplog.text
        for inside in ("canary-title", "broken", table + ".", "SELECT", "sqlite", "Traceback", "app/"):
            assert inside not in answer.text, inside
        assert answer.headers["cache-control"] == "no-store"
