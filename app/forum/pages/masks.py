"""Where two administrators together learn who is behind a mask."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id, Position
from app.forum.forms import WithReason
from app.forum.masks import operations
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/threads/{thread_id}/replies/{position}/unmask", ADMIN)
def unmask_page(ctx: Read, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, position)
    standing = operations.standing(ctx.conn, ctx.actor, thread_id, message.mask)
    return ctx.page("forum/unmask.html", thread=thread, position=position, standing=standing, form=ctx.form or FormState())


@pages.post("/threads/{thread_id}/replies/{position}/unmask", ADMIN, again=unmask_page, step_up=True)
def unmask(ctx: Write, thread_id: Id, position: Position) -> Response:
    operations.unmask(ctx.session, ctx.actor, thread_id, position, parse(WithReason, ctx.call.fields).reason)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}/unmask")
