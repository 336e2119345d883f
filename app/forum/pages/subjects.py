"""What a thread is about, changed after it was posted."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.forum.masks import access as masks
from app.forum.practices import access, tagging
from app.forum.practices.forms import SubjectsForm
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/threads/{thread_id}/subjects", MEMBER)
def subjects_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, thread)
    opening = replies.one(ctx.conn, thread_id, 0)
    tagging.require_tag(ctx.actor, tagging.place_of(thread), opening, is_own=is_own)
    now = [subject.slug for subject in access.subjects_of(ctx.conn, thread_id)]
    form = ctx.form or FormState({"subjects": now})
    return ctx.page("forum/subjects.html", thread=thread, form=form, offered=list(ctx.conn.execute(access.visible_subjects(thread_id))))


@pages.post("/threads/{thread_id}/subjects", MEMBER, again=subjects_page)
def post_subjects(ctx: Write, thread_id: Id) -> Response:
    tagging.change(ctx.session, ctx.actor, thread_id, parse(SubjectsForm, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="subjects-changed")
