"""Adoptions for scripts. Shapes are the contract's."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Row
from starlette.responses import Response

from app.agencies.sizes import size_band
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.forum.adoptions import access, operations
from app.forum.adoptions.forms import AdoptionForm
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=1000, alias="cursor")]


def _item(row: Row[Any]) -> dict[str, Any]:
    agency = {"id": row.agency_id, "name": row.agency, "short_name": row.short_name, "state": row.agency_state}
    return {
        "agency": {**agency, "size": size_band(row.sworn)}, "state": row.state, "note": row.note, "how_it_went": row.how_it_went,
        "by": {"id": row.member_id, "name": row.member, "rank": row.rank}, "at": row.at, "adopted_at": row.adopted_at,
    }  # fmt: skip


@api.put("/threads/{thread_id}/adoption", MEMBER)
def put_adoption(ctx: Write, thread_id: Id, body: AdoptionForm) -> Response:
    operations.say(ctx.session, ctx.actor, thread_id, body)
    row = access.one(ctx.conn, thread_id, ctx.actor.agency_id)
    assert row is not None
    return reply_json(_item(row))


@api.get("/threads/{thread_id}/adoptions", MEMBER)
def list_adoptions(ctx: Read, thread_id: Id, limit: Limit = 25, after: Cursor = "") -> Response:
    replies.thread_for(ctx.conn, ctx.actor, thread_id)
    rows = access.newest(ctx.conn, thread_id, limit + 1, place(after))
    following = cursor(rows[limit - 1].at, rows[limit - 1].agency_id) if len(rows) > limit else None
    return reply_json({"items": [_item(row) for row in rows[:limit]], "next": following})


def place(text: str) -> tuple[dt.datetime, int] | None:
    """Where a list goes on; Invalid for what is no cursor of it."""
    if not text:
        return None
    at, agency_id = read_cursor(text, dt.datetime, int)
    return at, agency_id
