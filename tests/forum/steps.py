"""What the tests of the forum do again and again, as a person or a script does it."""

from __future__ import annotations

import re
from typing import Any

from tests.world import Client, World

LESSON = {"kind": "lesson", "title": "Redaction in two hours", "body": "We cut it from 41 days to 6."}


def open_thread(world: World, who: str = "chief", slug: str = "patrol", **fields: Any) -> int:
    answer = world.script(who).call("POST", f"/forums/{slug}/threads", {**LESSON, **fields})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def reply(world: World, who: str, thread: int, body: str) -> int:
    answer = world.script(who).call("POST", f"/threads/{thread}/replies", {"body": body})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


def hide(world: World, thread: int, position: int, reason: str = "Names a juvenile.", who: str = "moderator") -> None:
    path = f"/threads/{thread}/replies/{position}/hide"
    assert world.browser(who).post(path, {"reason": reason}, page=path).status_code == 303


def unread(script: Client, thread: int) -> int:
    return int(script.call("GET", f"/threads/{thread}").json()["unread"])


def titles(page: str) -> list[str]:
    """The titles of the threads in a list, in order."""
    return re.findall(r'class="row-title"[^>]*>.*?<a[^>]*>([^<]+)</a>', page, re.S)
