"""Reports for scripts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id, Position
from app.moderation.flags import access, operations
from app.moderation.flags.forms import FlagForm, ResolutionForm
from app.web.guard import MEMBER, Allow
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")
MODERATE = Allow(Right.MODERATE)


def _shape(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "thread": row.thread_id, "position": row.position, "reason": row.reason, "note": row.note, "at": row.at,
        "state": row.state, "hidden": row.hidden_at is not None, "reporter": row.reporter,
    }  # fmt: skip


@api.post("/threads/{thread_id}/replies/{position}/flags", MEMBER, status=201)
def post_flag(ctx: Write, thread_id: Id, position: Position, body: FlagForm) -> Response:
    made = operations.flag(ctx.session, ctx.actor, thread_id, position, body)
    return reply_json({"id": made.id, "state": made.state, "hidden": made.took_out}, 201)


@api.get("/flags", MODERATE)
def list_flags(ctx: Read) -> Response:
    return reply_json({"items": [_shape(row) for row in access.open_flags(ctx.conn, ctx.actor)], "next": None})


@api.post("/flags/{id}/resolution", MODERATE)
def post_resolution(ctx: Write, id: Id, body: ResolutionForm) -> Response:
    made = operations.resolve(ctx.session, ctx.actor, id, body)
    return reply_json({"id": made.id, "state": made.state})
