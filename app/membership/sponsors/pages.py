"""`/sponsored`: who named a member as their sponsor, and that member's answer. `/invite`: to bring a colleague."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from app.core.fields import Id
from app.membership.names import CLASS_NAMES
from app.membership.sponsors import access, inviting, operations
from app.web.forms import FormState, parse
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


@pages.get("/invite", MEMBER)
def invite_page(ctx: Read) -> Response:
    invited = access.invited_by(ctx.conn, ctx.actor)
    form = ctx.form or FormState()
    once = form.value("once") or secrets.token_urlsafe(16)
    return ctx.page("membership/invite.html", form=form, once=once, invited=invited)


@pages.post("/invite", MEMBER, again=invite_page)
def invite(ctx: Write) -> Response:
    inviting.invite(ctx.session, ctx.actor, parse(inviting.InviteForm, ctx.call.fields))
    return ctx.redirect("/invite", said="colleague-invited")
