"""Members for scripts: who asks, and the directory by each member's own choice what to show."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Row
from starlette.responses import Response

from app.core.fields import Id
from app.membership import directory
from app.membership.directory import Ask
from app.membership.member_pages import seen
from app.membership.watch import counting
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")
Typed = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=100)]


def _agency(row: Row[Any]) -> dict[str, Any] | None:
    if row.agency_id is None:
        return None
    return {"id": row.agency_id, "ori": row.ori, "name": row.agency_name, "state": row.state, "county": row.county, "sworn": row.sworn}


def _entry(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "rank": row.rank, "member_class": row.member_class, "agency": _agency(row)}


def _listed(row: Row[Any]) -> dict[str, Any]:
    return {**_entry(row), "verified_at": row.verified_at}


@api.get("/me", MEMBER)
def me(ctx: Read) -> Response:
    own = directory.own_entry(ctx.conn, ctx.actor)
    roles = sorted(role for role in (own.roles or "").split(",") if role)
    return reply_json({**_entry(own), "email": own.email, "roles": roles})


@api.get("/members", MEMBER, slow=True)
def members(ctx: Read, q: Typed = "", limit: Limit = 25, cursor: Typed = "", subject: Typed = "") -> Response:
    found = directory.find(ctx.conn, ctx.actor, Ask(q, limit, cursor, subject=subject))
    counting.show_listed(ctx.platform.db, ctx.actor, len(found.items), ctx.now)
    return reply_json({"items": [_listed(row) for row in found.items], "next": found.next or None})


@api.get("/members/{id}", MEMBER, slow=True)
def member(ctx: Read, id: Id) -> Response:
    """`email`, `phone` and `about` are null where the member does not show them to who asks."""
    row = seen(ctx, id)
    theirs = {name: getattr(row, name) for name in ("email", "phone", "about", "approved_at")}
    return reply_json({**_listed(row), **theirs})
