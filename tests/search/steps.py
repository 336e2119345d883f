"""What the search tests do often."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.world import World


def found(world: World, who: str, q: str, **more: Any) -> dict[str, Any]:
    answer = world.script(who).call("GET", "/search?" + urlencode({"q": q} | more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def places(answer: dict[str, Any]) -> list[tuple[int, int]]:
    """(thread, position) of the messages that were found, in their order."""
    return [(item["thread"], item["position"]) for item in answer["items"] if item["type"] in ("thread", "reply")]


def threads(world: World, who: str, q: str, **more: Any) -> set[int]:
    return {thread for thread, _ in places(found(world, who, q, **more))}
