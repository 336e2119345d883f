"""Files for scripts: sent here one by one, then named in a thread or a reply."""

from __future__ import annotations

from starlette.responses import Response

from app.attachments import operations
from app.attachments.handing_out import shape_of
from app.attachments.intake import ONE_FILE, taken_of
from app.core.errors import Invalid
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.post("/attachments", MEMBER, status=201, takes=ONE_FILE)
def send(ctx: Write) -> Response:
    """It waits to be checked: its state says when it is ready, or why it was refused."""
    taken = taken_of(ctx.call.files)
    if not taken:
        raise Invalid(file="Send a file as multipart/form-data, in the field `file`.")
    return reply_json(shape_of(operations.take(ctx.session, ctx.actor, taken)[0]), 201)
