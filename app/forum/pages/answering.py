"""Saying which reply answers a question."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.forum.forms import Accept
from app.forum.operations import answering
from app.forum.pages.reading import thread_page
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Write
from app.web.routing import Routes

pages = Routes()


@pages.post("/threads/{thread_id}/answer", MEMBER, again=thread_page)
def accept(ctx: Write, thread_id: Id) -> Response:
    answering.accept(ctx.session, ctx.actor, thread_id, parse(Accept, ctx.call.fields).position)
    return ctx.redirect(f"/threads/{thread_id}", said="answer-chosen")


@pages.post("/threads/{thread_id}/answer/remove", MEMBER)
def take_back(ctx: Write, thread_id: Id) -> Response:
    answering.take_back(ctx.session, ctx.actor, thread_id)
    return ctx.redirect(f"/threads/{thread_id}", said="answer-taken-back")
