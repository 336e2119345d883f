"""Going on reading: the next thread with something new, and what came to a thread while its page was open."""

from __future__ import annotations

from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum.queries import fresh, replies
from app.forum.rows import address_of
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()


@pages.get("/next-unread", MEMBER)
def next_unread(ctx: Read, after: Position = 0) -> Response:
    """`after`: the thread that the reader is in, which is passed by."""
    rows, _ = fresh.new_for(ctx.conn, ctx.actor)
    found = next((row for row in rows if row.id != after), None)
    return ctx.redirect(address_of(found)) if found is not None else ctx.redirect("/", said="nothing-new")


@pages.get("/threads/{thread_id}/news", MEMBER, counts=False)
def news(ctx: Read, thread_id: Id, after: Position = 0) -> Response:
    """How many replies came after this position, as a fragment; empty for none. Asked by a page that stays open."""
    last = replies.last_position_of(ctx.conn, ctx.actor, thread_id)
    if last is None:
        raise NotFound
    return ctx.page("forum/_news.html", thread_id=thread_id, first=after + 1, count=max(last - after, 0))
