"""The pages of a thread: links to the first, the last and the neighbouring ones, above its messages and below."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row

from app.forum import fragments
from app.forum.queries.replies import PAGE, page_end, page_start
from app.web.render import Renderer


class Link(NamedTuple):
    """`href`: empty for a gap."""

    text: str
    href: str
    current: bool


def links_of(thread: Row[Any], start: int) -> tuple[Link, ...]:
    """Empty where one page holds all."""
    last = page_start(thread.last_position)
    if last == 0:
        return ()
    starts = sorted({0, last, *[max(0, min(last, start + d * PAGE)) for d in (-1, 0, 1)]})
    links: list[Link] = []
    for i, first in enumerate(starts):
        if i and starts[i - 1] != page_start(max(first - 1, 0)):
            links.append(Link("…", "", current=False))
        text = f"{max(first, 1)}-{min(page_end(first), thread.last_position)}"
        links.append(Link(text, f"/threads/{thread.id}" + (f"?from={first}" if first else ""), current=first == start))
    return tuple(links)


def range_of(thread: Row[Any], start: int, keys: list[Row[Any]]) -> str:
    """Which of a thread's replies a page shows, in words."""
    last = keys[-1].position if keys else 0
    return f"Replies {max(start, 1)}-{last} of {thread.last_position}" if thread.last_position and last else "No reply yet"


def shown(renderer: Renderer, thread: Row[Any], start: int, keys: list[Row[Any]]) -> dict[str, Any]:
    """What the thread's page takes: the range in words, and both sets of links; none where there is one page."""
    links, words = links_of(thread, start), range_of(thread, start, keys)
    if not links:
        return {"range": words, "pages_above": "", "pages_below": ""}
    above = fragments.kept_part(renderer, "forum/_pages_above.html", links=links)
    return {
        "range": words,
        "pages_above": above,
        "pages_below": fragments.kept_part(renderer, "forum/_pages_below.html", links=links, words=words),
    }
