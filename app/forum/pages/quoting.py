"""What a reply's field begins with: the reader's draft, and what they quote."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum.mentions.quoting import quoted as quoted_from
from app.forum.own import access as own
from app.forum.own import drafting
from app.forum.own.models import DraftOf
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()


def begun(ctx: Read, thread: Row[Any], quote: int | None) -> dict[str, Any]:
    """What the reply's form holds at first, by its fields' names: what the reader has begun here, and after it what they quote."""
    draft = own.draft_of(ctx.conn, ctx.actor, DraftOf.THREAD, thread.id) if thread.has_draft else None
    quoted = quoted_from(ctx.conn, thread, quote, ctx.platform.settings.origin)
    if draft is None:
        return {"body": quoted} if quoted else {}
    values = drafting.values_of(draft)
    return {**values, "body": f"{draft.body}\n\n{quoted}"} if quoted and draft.body else {**values, "body": draft.body or quoted}


@pages.get("/threads/{thread_id}/replies/{position}/quote", MEMBER)
def quote(ctx: Read, thread_id: Id, position: Position) -> Response:
    """For the reply's field, without leaving the page."""
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    text = quoted_from(ctx.conn, thread, position, ctx.platform.settings.origin)
    if not text:
        raise NotFound
    return ctx.page("forum/_quote.html", text=text)
