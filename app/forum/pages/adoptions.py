"""What agencies said of a lesson: all of it, one's own, and what a moderator takes away."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.agencies.sizes import size_band
from app.core.errors import NotFound
from app.core.fields import Id
from app.core.paging import cursor
from app.forum import access as forum
from app.forum.adoptions import access, operations, showing
from app.forum.adoptions.api import place
from app.forum.adoptions.forms import AdoptionForm, RemoveForm
from app.forum.markings import Marking
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PAGE = 50


@pages.get("/threads/{thread_id}/adoption", MEMBER)
def own_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    own = access.one(ctx.conn, thread_id, access.require_adopt(ctx.actor))
    operations.require_lesson(thread)
    held = {} if own is None else {"state": own.state, "note": own.note, "how_it_went": own.how_it_went}
    return ctx.page("forum/adoption.html", thread=thread, own=own, names=showing.NAMES, form=ctx.form or FormState(held))


@pages.post("/threads/{thread_id}/adoption", MEMBER, again=own_page)
def say(ctx: Write, thread_id: Id) -> Response:
    operations.say(ctx.session, ctx.actor, thread_id, parse(AdoptionForm, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="adoption-saved")


@pages.get("/threads/{thread_id}/adoptions", MEMBER)
def all_page(ctx: Read, thread_id: Id, after: Annotated[str, Query(max_length=1000)] = "") -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    rows = access.newest(ctx.conn, thread_id, PAGE + 1, place(after))
    following = cursor(rows[PAGE - 1].at, rows[PAGE - 1].agency_id) if len(rows) > PAGE else None
    may_moderate = forum.may_moderate(ctx.actor, thread.right)
    shown: dict[str, Any] = {
        "rows": rows[:PAGE],
        "following": following,
        "may_moderate": may_moderate,
        "label": Marking(thread.marking).label,
    }
    return ctx.page("forum/adoptions.html", thread=thread, size_band=size_band, **shown)


@pages.get("/threads/{thread_id}/adoptions/{agency_id}/remove", MEMBER)
def remove_page(ctx: Read, thread_id: Id, agency_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    forum.require_moderate(ctx.actor, thread.right)
    row = access.one(ctx.conn, thread_id, agency_id)
    if row is None:
        raise NotFound
    return ctx.page("forum/adoption_remove.html", thread=thread, row=row, form=ctx.form or FormState())


@pages.post("/threads/{thread_id}/adoptions/{agency_id}/remove", MEMBER, again=remove_page)
def remove(ctx: Write, thread_id: Id, agency_id: Id) -> Response:
    operations.remove(ctx.session, ctx.actor, thread_id, agency_id, parse(RemoveForm, ctx.call.fields).reason)
    return ctx.redirect(f"/threads/{thread_id}/adoptions", said="saved")
