"""A lesson's record as its author writes it, and what it said before."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.core.fields import Id
from app.forum import access as forum
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.practices import access, operations, showing
from app.forum.practices.forms import EditPractice
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES
from app.forum.queries import replies
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/threads/{thread_id}/practice", MEMBER)
def record_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, 0)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    forum.require_edit(ctx.actor, thread.right, message, is_own=is_own, locked=thread.locked_at is not None)
    operations.require_lesson(thread)
    panel = showing.panel(ctx.conn, ctx.actor, thread, message, is_own=is_own)
    form = ctx.form or showing.state_of(panel["record"], panel["subjects"], showing.fresh(ctx.actor, ctx.now))
    clash = panel["record"] is not None and "" in form.errors
    return ctx.page("forum/practice.html", **panel, thread=thread, form=form, clash=clash, offer=showing.options(ctx.conn, thread_id))


@pages.post("/threads/{thread_id}/practice", MEMBER, again=record_page)
def save(ctx: Write, thread_id: Id) -> Response:
    operations.edit(ctx.session, ctx.actor, thread_id, parse(EditPractice, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="record-saved")


@pages.get("/threads/{thread_id}/practice/revisions", MEMBER)
def revisions(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    access.require_see_record(ctx.conn, thread)
    earlier = access.revisions_of(ctx.conn, thread_id)
    names: dict[str, Any] = {"again_names": AGAIN_NAMES, "cost_names": COST_NAMES, "label": Marking(thread.marking).label}
    return ctx.page("forum/practice_revisions.html", thread=thread, earlier=earlier, **names)
