"""One's own notifications, for scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.core.paging import cursor, read_cursor
from app.mail.notices import operations, queries
from app.mail.notices.forms import ListQuery, ReadForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/notifications", MEMBER)
def notifications(ctx: Read, wanted: Annotated[ListQuery, Query()]) -> Response:
    before = read_cursor(wanted.cursor, int)[0] if wanted.cursor else None
    told, following = queries.told(ctx.conn, ctx.actor, before, wanted.limit)
    return reply_json({"items": [one.shape() for one in told], "next": cursor(following) if following else None})


@api.post("/notifications/read", MEMBER)
def see(ctx: Write, body: ReadForm) -> Response:
    if body.ids is None:
        operations.seen_up_to(ctx.session, ctx.actor, body.up_to or queries.END)
    else:
        operations.note_seen(ctx.session, ctx.actor, body.ids)
    ctx.session.flush()
    return reply_json({"unread": queries.unread(ctx.conn, ctx.actor)})
