"""A forum's moderators at work in a thread, and a thread's marking."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id, Position
from app.forum import access
from app.forum.forms import ChangeMarking, WithReason
from app.forum.markings import MEANINGS, Marking
from app.forum.masks import access as masks
from app.forum.operations import moderating
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


def _thread(ctx: Write, thread_id: int, said: str) -> Response:
    return ctx.redirect(f"/threads/{thread_id}", said=said)


@pages.post("/threads/{thread_id}/pin", MEMBER)
def pin(ctx: Write, thread_id: Id) -> Response:
    moderating.pin(ctx.session, ctx.actor, thread_id, pinned=True)
    return _thread(ctx, thread_id, "pinned")


@pages.post("/threads/{thread_id}/unpin", MEMBER)
def unpin(ctx: Write, thread_id: Id) -> Response:
    moderating.pin(ctx.session, ctx.actor, thread_id, pinned=False)
    return _thread(ctx, thread_id, "unpinned")


@pages.get("/threads/{thread_id}/lock", MEMBER)
def lock_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    access.require_moderate(ctx.actor, thread.right)
    return ctx.page("forum/reason.html", thread=thread, position=None, form=ctx.form or FormState())


@pages.post("/threads/{thread_id}/lock", MEMBER, again=lock_page)
def lock(ctx: Write, thread_id: Id) -> Response:
    moderating.lock(ctx.session, ctx.actor, thread_id, parse(WithReason, ctx.call.fields).reason)
    return _thread(ctx, thread_id, "locked")


@pages.post("/threads/{thread_id}/unlock", MEMBER)
def unlock(ctx: Write, thread_id: Id) -> Response:
    moderating.unlock(ctx.session, ctx.actor, thread_id)
    return _thread(ctx, thread_id, "unlocked")


@pages.get("/threads/{thread_id}/replies/{position}/hide", MEMBER)
def hide_page(ctx: Read, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    access.require_moderate(ctx.actor, thread.right)
    replies.one(ctx.conn, thread_id, position)
    return ctx.page("forum/reason.html", thread=thread, position=position, form=ctx.form or FormState())


@pages.post("/threads/{thread_id}/replies/{position}/hide", MEMBER, again=hide_page)
def hide(ctx: Write, thread_id: Id, position: Position) -> Response:
    moderating.hide(ctx.session, ctx.actor, thread_id, position, parse(WithReason, ctx.call.fields).reason)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}")


@pages.post("/threads/{thread_id}/replies/{position}/show", MEMBER)
def show(ctx: Write, thread_id: Id, position: Position) -> Response:
    moderating.show(ctx.session, ctx.actor, thread_id, position)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}")


@pages.get("/threads/{thread_id}/marking", MEMBER)
def marking_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    is_author = masks.is_own(ctx.conn, ctx.actor, thread_id, thread)
    access.require_mark(ctx.actor, thread.right, is_own=is_author)
    floor = Marking.CLEAR if thread.marking_floor is None else Marking(thread.marking_floor)
    now = Marking(thread.marking)
    least = floor if is_author else max(floor, now)
    named = [str(reader.id) for reader in replies.readers(ctx.conn, thread_id)]
    form = ctx.form or FormState({"marking": now.label, "readers": named})
    choices = [(m.label, m.label, MEANINGS[m]) for m in Marking if m >= least]
    nameable = replies.nameable(ctx.conn, thread.forum_id, thread.author_id)
    return ctx.page("forum/marking.html", thread=thread, markings=choices, nameable=nameable, form=form, is_author=is_author)


@pages.post("/threads/{thread_id}/marking", MEMBER, again=marking_page)
def post_marking(ctx: Write, thread_id: Id) -> Response:
    before = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    moderating.change_marking(ctx.session, ctx.actor, thread_id, parse(ChangeMarking, ctx.call.fields))
    ctx.session.flush()
    if not access.sees_thread(ctx.session, ctx.actor, thread_id):  # who made it TLP:RED is not among its readers
        return ctx.redirect(f"/forums/{before.forum_slug}", said="marking-changed")
    return _thread(ctx, thread_id, "marking-changed")
