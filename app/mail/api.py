"""One's own mail, for scripts."""

from __future__ import annotations

from starlette.responses import Response

from app.mail import operations, queries
from app.mail.forms import SubscriptionsForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/me/subscriptions", MEMBER)
def subscriptions(ctx: Read) -> Response:
    return reply_json(queries.subscriptions(ctx.conn, ctx.actor, ctx.platform.site.get(ctx.conn)).shape())


@api.put("/me/subscriptions", MEMBER)
def change_subscriptions(ctx: Write, body: SubscriptionsForm) -> Response:
    site = ctx.platform.site.get(ctx.conn)
    return reply_json(operations.change_subscriptions(ctx.session, ctx.actor, site, body).shape())
