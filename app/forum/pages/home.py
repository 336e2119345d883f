"""New for you: the first page."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from app.forum.fragments import stored_html
from app.forum.queries import forums, threads
from app.forum.rows import rail_of, rows_of
from app.web import humane
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()


@pages.get("/", MEMBER)
def home(ctx: Read) -> Response:
    rows = threads.new_for(ctx.conn, ctx.actor)
    values: dict[str, Any] = {"forums": forums.forums_of(ctx.conn, ctx.actor), "waiting": threads.waiting_questions(ctx.conn, ctx.actor)}
    values["rail"] = rail_of(ctx.platform.renderer, values["forums"])
    welcome = _welcome(ctx) if all(forum.read_version == 1 for forum in values["forums"]) else None
    return ctx.page(
        "forum/home.html",
        welcome=welcome,
        rows=_rows(ctx, rows[: threads.NEW_ROWS]),
        more=len(rows) > threads.NEW_ROWS,
        **values,
    )


def _welcome(ctx: Read) -> Markup:
    """The association's own words for someone who has read nothing here yet."""
    return stored_html(ctx.platform.site.get(ctx.conn).welcome_html)


def _rows(ctx: Read, rows: list[Any]) -> list[Markup]:
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    return rows_of(ctx.platform.renderer, "forum/_home_row.html", rows, zone, ctx.now)
