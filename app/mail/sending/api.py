"""How sending goes, for a monitor's script (`admin` scope)."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.mail.health.access import how_many
from app.mail.sending import overview
from app.web.guard import Allow
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/mail/health", Allow(Right.ADMIN))
def health(ctx: Read) -> Response:
    """`sent` and `failed` are counted from the first day on; `suppressed` is how many addresses nothing is sent to any more."""
    waiting, ended = overview.queue(ctx.conn), overview.ended(ctx.conn)
    return reply_json({
        "queued": sum(one.count for one in waiting), "oldest_seconds": overview.age(waiting), "sent": ended["sent"],
        "failed": ended["failed"], "suppressed": how_many(ctx.conn),
    })  # fmt: skip
