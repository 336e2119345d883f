"""The description of the JSON interface, for members with a token."""

from __future__ import annotations

from starlette.responses import Response

from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/openapi.json", MEMBER, slow=True)
def openapi(ctx: Read) -> Response:
    return reply_json(ctx.call.request.app.openapi())
