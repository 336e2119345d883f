"""Rows of thread lists, rendered once for each state they can be in: the key is all that a row shows, so nothing can be stale."""

from __future__ import annotations

import datetime as dt
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from app.core.kept import Kept
from app.forum.fragments import NOTHING, stored_html
from app.forum.markings import LABELS, Marking
from app.forum.practices.records import is_stale
from app.forum.queries.forums import ForumRow
from app.forum.queries.fresh import why
from app.forum.queries.replies import page_start
from app.web import humane
from app.web.render import Renderer

_kept: Kept[tuple[Any, ...], Markup] = Kept(2_000_000)


def rows_of(renderer: Renderer, template: str, rows: list[Row[Any]], zone: dt.tzinfo, now: dt.datetime) -> Markup:
    """Each thread's row in this template ("forum/_forum_row.html"), as this reader sees it now."""
    today = [(humane.ago(row.last_reply_at, zone, now), _is_stale(row, now), "") for row in rows]
    return NOTHING.join([_row(renderer, template, row, one) for row, one in zip(rows, today, strict=True)])


def fresh_rows(renderer: Renderer, rows: list[Row[Any]], me: int, zone: dt.tzinfo, now: dt.datetime) -> Markup:
    """The same of the first page, each with why it may matter to the reader."""
    today = [(humane.ago(row.last_reply_at, zone, now), False, why(row, me)) for row in rows]
    return NOTHING.join([_row(renderer, "forum/_home_row.html", row, one) for row, one in zip(rows, today, strict=True)])


def _is_stale(row: Row[Any], now: dt.datetime) -> bool:
    """A lesson that nobody has confirmed; lists that don't ask by when say nothing."""
    return is_stale(getattr(row, "review_by", None), now)


def rail_of(renderer: Renderer, forums: list[ForumRow]) -> Markup:
    """The list of forums beside a page, with how much is new in each."""
    key = tuple((forum.slug, forum.title, forum.unread) for forum in forums)
    html = _kept.get(key)
    if html is None:
        html = stored_html(renderer.html("forum/_rail.html", forums=forums))
        _kept.put(key, html, len(html))
    return html


def _row(renderer: Renderer, template: str, row: Row[Any], today: tuple[str, bool, str]) -> Markup:
    """`today`: what changes by the hour or the reader and not with the thread."""
    key = (template, *today, *row)
    html = _kept.get(key)
    if html is None:
        values: dict[str, Any] = {
            "ago": today[0],
            "is_stale": today[1],
            "why": today[2],
            "label": LABELS[Marking(row.marking)],
            "href": address_of(row),
        }
        html = stored_html(renderer.html(template, thread=row, **values))
        _kept.put(key, html, len(html))
    return html


def address_of(row: Row[Any]) -> str:
    """Where the reader goes on: the page of the first message they haven't seen."""
    first_new = row.last_position - row.unread + 1
    if not row.unread or first_new <= 0:
        return f"/threads/{row.id}"
    start = page_start(first_new)
    return f"/threads/{row.id}" + (f"?from={start}" if start else "") + "#new"
