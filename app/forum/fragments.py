"""Messages as every reader of their thread sees them, rendered once and kept.

A fragment is kept under (message, its version, its author's version, zone): both versions are bumped in the transaction that changes
what it shows, so a stale one can't be asked for. It holds no token, no nonce, no control that depends on the reader, and of a hidden
message only the stub. Where a reader's own controls go it is cut in two.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup  # what is marked here was made by our own template, or sanitised when it was written
from sqlalchemy import Connection, Row

from app.core import clock
from app.forum.queries import replies
from app.membership.names import CLASS_NAMES
from app.web import humane
from app.web.render import Renderer

LIMIT = 32_000_000  # characters kept in one process, about 15,000 messages
_CUT = "<!-- controls -->"
Key = tuple[int, int, int, str]
Fragment = tuple[Markup, Markup]


class Fragments:
    """The kept fragments of a process, bounded by their size; those not asked for longest make room."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._size = limit, 0
        self._kept: OrderedDict[Key, Fragment] = OrderedDict()

    def get(self, key: Key) -> Fragment | None:
        fragment = self._kept.get(key)
        if fragment is not None:
            self._kept.move_to_end(key)
        return fragment

    def put(self, key: Key, fragment: Fragment) -> None:
        if key not in self._kept:
            self._size += len(fragment[0]) + len(fragment[1])
        self._kept[key] = fragment
        while self._size > self._limit and self._kept:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old[0]) + len(old[1])


_fragments = Fragments()


def of_page(conn: Connection, renderer: Renderer, keys: Iterable[Row[Any]], thread: Row[Any], zone_name: str) -> dict[int, Fragment]:
    """Each message's fragment by its id. Those not kept are loaded together in one query and rendered."""
    found: dict[int, Fragment] = {}
    missing: list[int] = []
    for key in keys:
        fragment = _fragments.get((key.id, key.version, key.author_version, zone_name))
        if fragment is None:
            missing.append(key.id)
        else:
            found[key.id] = fragment
    if missing:
        versions = {key.id: key.author_version for key in keys}
        for row in replies.by_ids(conn, missing):
            fragment = render(renderer, row, thread.author_id, zone_name)
            _fragments.put((row.id, row.version, versions[row.id], zone_name), fragment)
            found[row.id] = fragment
    return found


def render(renderer: Renderer, row: Row[Any], starter_id: int, zone_name: str) -> Fragment:
    text = renderer.html(
        "forum/_reply.html", reply=row, body=stored_html(row.html), starter_id=starter_id, class_name=CLASS_NAMES.get(row.author_class, ""),
        zone=humane.zone(zone_name), now=clock.now(),
    )  # fmt: skip
    before, _, after = text.partition(_CUT)
    return Markup(before), Markup(after)


def stored_html(html: str) -> Markup:
    """HTML that core.markup rendered and sanitised: the only text of members' that pages show unescaped (H5)."""
    return Markup(html)
