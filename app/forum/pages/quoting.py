"""What a reply's field begins with: the reader's draft, and what they quote."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum.masks.naming import name_of
from app.forum.models import FROM_ARCHIVE
from app.forum.own import access as own
from app.forum.own.models import DraftOf
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()


def begun(ctx: Read, thread: Row[Any], quote: int | None) -> str:
    """What stands in the reply box: what the reader has begun to write here, and what they quote."""
    draft = own.draft_of(ctx.conn, ctx.actor, DraftOf.THREAD, thread.id) if thread.has_draft else None
    quoted = _quoted(ctx, thread, quote)
    return f"{draft.body}\n\n{quoted}" if draft is not None and quoted else draft.body if draft is not None else quoted


def _quoted(ctx: Read, thread: Row[Any], quote: int | None) -> str:
    """The text that a reply starts with when a message is quoted. A hidden message can't be."""
    if quote is None or quote > thread.last_position:
        return ""
    row = replies.one(ctx.conn, thread.id, quote)
    if row.hidden_at is not None:
        return ""
    who = row.author_agency if row.author_class == FROM_ARCHIVE else f"{row.author_rank} {name_of(row)}".strip()
    address = f"{ctx.platform.settings.origin}/threads/{thread.id}/replies/{row.position}"
    lines = [f"**{who}** wrote in [#{row.position}]({address}):", "", *row.body.split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


@pages.get("/threads/{thread_id}/replies/{position}/quote", MEMBER)
def quote(ctx: Read, thread_id: Id, position: Position) -> Response:
    """For the reply's field, without leaving the page."""
    text = _quoted(ctx, replies.thread_for(ctx.conn, ctx.actor, thread_id), position)
    if not text:
        raise NotFound
    return ctx.page("forum/_quote.html", text=text)
