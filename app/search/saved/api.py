"""Saved searches for scripts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.fields import Id
from app.search.models import SavedSearch
from app.search.saved import access, operations
from app.search.saved.forms import DeliverForm, SaveForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


def _shape(row: Row[Any] | SavedSearch) -> dict[str, Any]:
    return {"id": row.id, "q": row.q, "deliver": row.deliver, "created_at": row.created_at}


@api.get("/saved-searches", MEMBER)
def saved_searches(ctx: Read) -> Response:
    return reply_json({"items": [_shape(row) for row in ctx.conn.execute(access.visible_searches(ctx.actor))], "next": None})


@api.post("/saved-searches", MEMBER, status=201)
def post_search(ctx: Write, body: SaveForm) -> Response:
    return reply_json(_shape(operations.save(ctx.session, ctx.actor, body)), 201)


@api.patch("/saved-searches/{id}", MEMBER)
def patch_search(ctx: Write, id: Id, body: DeliverForm) -> Response:
    operations.set_delivery(ctx.session, ctx.actor, id, body.deliver)
    return reply_json(_shape(access.search_for_act(ctx.session, ctx.actor, id)))


@api.delete("/saved-searches/{id}", MEMBER, status=204)
def delete_search(ctx: Write, id: Id) -> Response:
    operations.delete(ctx.session, ctx.actor, id)
    return Response(status_code=204)
