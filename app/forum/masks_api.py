"""The same for scripts: 202 for the first officer, 200 with the author for the second."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id, Position
from app.forum.forms import WithReason
from app.forum.masks import operations
from app.web.guard import Allow
from app.web.json import reply_json
from app.web.request import Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.post("/threads/{thread_id}/replies/{position}/unmask", Allow(Right.ADMIN))
def unmask(ctx: Write, thread_id: Id, position: Position, body: WithReason) -> Response:
    standing = operations.unmask(ctx.session, ctx.actor, thread_id, position, body.reason)
    if standing.author is None:
        return reply_json({"state": "asked"}, 202)
    return reply_json({"author": {"id": standing.author.id, "name": standing.author.name, "rank": standing.author.rank}})
