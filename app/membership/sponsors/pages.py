"""`/sponsored`: what applicants say of a member, and that member's answer."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.membership.names import CLASS_NAMES
from app.membership.sponsors import access, operations
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/sponsored", MEMBER)
def sponsored_page(ctx: Read) -> Response:
    return ctx.page("membership/sponsored.html", cases=access.asked_of(ctx.conn, ctx.actor), class_names=CLASS_NAMES)


@pages.post("/sponsored/{id}", MEMBER)
def answer(ctx: Write, id: Id) -> Response:
    operations.answer(ctx.session, ctx.actor, id, parse(operations.WordForm, ctx.call.fields))
    return ctx.redirect("/sponsored", said="sponsor-answered")
