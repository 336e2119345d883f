"""Messages as every reader of their thread sees them, rendered once and kept.

A fragment is kept under (message, its version, its author's version, how many it helped, zone, and for a lesson's opening message its
record's version): all of them change in the transaction that changes what it shows, so a stale one can't be asked for. It holds no token,
no nonce, no control that depends on the reader, and of a hidden message only the stub. Where a reader's own controls go it is cut in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup  # what is marked here was made by our own template, or sanitised when it was written
from sqlalchemy import Connection, Row

from app.attachments.handing_out import address_of
from app.core import clock
from app.core.db import is_settled, serial_of
from app.core.kept import Kept
from app.forum.attached import access as attached
from app.forum.masks.naming import name_of
from app.forum.models import FROM_ARCHIVE
from app.forum.practices.repeating import repeats
from app.forum.queries import replies
from app.membership.names import CLASS_NAMES
from app.web import humane
from app.web.render import Renderer

LIMIT = 6_000_000  # characters kept in one process, about 2,500 messages
_CUT = "<!-- controls -->"
Fragment = tuple[Markup, Markup]
_kept: Kept[tuple[Any, ...], Fragment] = Kept(LIMIT)


class Place(NamedTuple):
    """What a page's messages share. `record` is the lesson's, where the page shows it."""

    thread: Row[Any]
    zone_name: str
    record: Row[Any] | None = None


def of_page(conn: Connection, renderer: Renderer, keys: Iterable[Row[Any]], place: Place) -> dict[int, Fragment]:
    """Each message's fragment by its id. Those not kept are loaded together in one query and rendered; one that was taken back since
    its key was read has none."""
    found: dict[int, Fragment] = {}
    database = serial_of(conn)
    missing: list[int] = []
    for key in keys:
        fragment = _kept.get(_key(database, key, key.author_version, place))
        if fragment is None:
            missing.append(key.id)
        else:
            found[key.id] = fragment
    if missing:
        versions = {key.id: key.author_version for key in keys}
        files = attached.of_messages(conn, missing)
        for row in replies.by_ids(conn, missing):
            fragment = render(renderer, row, place, files.get(row.id, ()))
            if is_settled(conn):
                _kept.put(_key(database, row, versions[row.id], place), fragment, len(fragment[0]) + len(fragment[1]))
            found[row.id] = fragment
    return found


def are_kept(conn: Connection, keys: Iterable[Row[Any]], place: Place) -> bool:
    """Whether what these keys name was there when it was rendered. What changed after its key was read is kept under another."""
    database = serial_of(conn)
    return all(_kept.get(_key(database, key, key.author_version, place)) is not None for key in keys)


def _key(database: int, row: Row[Any], author_version: int, place: Place) -> tuple[Any, ...]:
    """With the time and place, too: SQLite gives the id of a message that was taken back to the next, and what came
    after it moves up."""
    record = place.record.version if place.record is not None and not row.position else None
    return (database, row.id, row.created_at, row.position, row.version, author_version, row.thanks, place.zone_name, record)


def render(renderer: Renderer, row: Row[Any], place: Place, files: Sequence[Row[Any]] = ()) -> Fragment:
    text = renderer.html(
        "forum/_reply.html", reply=row, name=name_of(row), body=stored_html(row.html), from_archive=row.author_class == FROM_ARCHIVE,
        starter_id=place.thread.author_id, files=[(file, address_of(file)) for file in files],
        is_said_above=place.record is not None and not row.position and repeats(row.body, place.record),
        class_name=CLASS_NAMES.get(row.author_class, ""), zone=humane.zone(place.zone_name), now=clock.now(),
    )  # fmt: skip
    before, _, after = text.partition(_CUT)
    return Markup(before), Markup(after)


NOTHING = Markup("")
_parts: Kept[tuple[Any, ...], Markup] = Kept(2_000_000)


def part(renderer: Renderer, template: str, **values: Any) -> Markup:
    """A small template's HTML, for this answer alone."""
    return Markup(renderer.html(template, **values))


def kept_part(renderer: Renderer, template: str, **values: Any) -> Markup:
    """A small template that these values alone decide, and no reader."""
    key = (template, *values.values())
    html = _parts.get(key)
    if html is None:
        html = part(renderer, template, **values)
        _parts.put(key, html, len(html))
    return html


def stored_html(html: str) -> Markup:
    """HTML that core.markup rendered and sanitised: the only text of members' that pages show unescaped (H5)."""
    return Markup(html)
