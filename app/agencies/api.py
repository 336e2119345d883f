"""Agencies for scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.agencies import access, like, queries
from app.agencies.queries import Ask
from app.core.fields import Id
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")
Typed = Annotated[str, Query(max_length=200)]
Chosen = Annotated[str, Query(pattern="^([A-Za-z]{2})?$")]
Limit = Annotated[int, Query(ge=1, le=100)]


@api.get("/agencies", MEMBER, slow=True)
def agencies(ctx: Read, q: Typed = "", state: Chosen = "", limit: Limit = 20, cursor: Typed = "") -> Response:
    found = queries.search(ctx.conn, ctx.actor, Ask(q, state.upper(), limit, cursor))
    return reply_json({"items": [queries.as_json(row) for row in found.items], "next": found.next or None})


@api.get("/agencies/{id}", MEMBER)
def agency(ctx: Read, id: Id) -> Response:
    access.visible_agencies(ctx.actor)
    return reply_json(queries.as_json(access.agency_for(ctx.conn, ctx.actor, access.kept(ctx.conn, id))))


@api.get("/agencies/{id}/like", MEMBER, slow=True)
def agencies_like(ctx: Read, id: Id) -> Response:
    """Comparable agencies, the nearest first; `why` says what they are."""
    rows = like.agencies_like(ctx.conn, ctx.actor, access.agency_for(ctx.conn, ctx.actor, access.kept(ctx.conn, id)))
    return reply_json({"items": [{**queries.as_json(row), "why": like.why(row)} for row in rows], "next": None})
