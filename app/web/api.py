"""The description of the JSON interface, for members with a token."""

from __future__ import annotations

import warnings
from typing import Any

from starlette.responses import Response

from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/openapi.json", MEMBER, slow=True)
def openapi(ctx: Read) -> Response:
    return reply_json(_described(ctx.call.request.app))


def _described(app: Any) -> Any:
    """Made once, and kept by FastAPI. Every GET answers HEAD too, which FastAPI takes for a second operation of the same name."""
    if app.openapi_schema is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paths = app.openapi()["paths"]
        for path in paths.values():
            path.pop("head", None)
    return app.openapi_schema
