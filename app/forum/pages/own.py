"""Thanks, bookmarks and drafts."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response

from app.core.errors import Forbidden
from app.core.fields import Id, Position
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.own import access, also_asking, bookmarking, drafting, thanking
from app.forum.own.forms import RemindOn
from app.forum.own.models import DraftOf
from app.forum.pages.drafts import draft_of
from app.forum.pages.reading import thread_page
from app.forum.queries import replies
from app.web import humane
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write, one_of
from app.web.routing import Routes

pages = Routes()
MORNING = dt.time(8)


@pages.post("/threads/{thread_id}/replies/{position}/thanks", MEMBER)
def thank(ctx: Write, thread_id: Id, position: Position) -> Response:
    thanking.thank(ctx.session, ctx.actor, thread_id, position)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}")


@pages.post("/threads/{thread_id}/replies/{position}/thanks/remove", MEMBER)
def take_thanks_back(ctx: Write, thread_id: Id, position: Position) -> Response:
    thanking.take_back(ctx.session, ctx.actor, thread_id, position)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}")


@pages.get("/threads/{thread_id}/replies/{position}/thanks", MEMBER)
def who_thanked(ctx: Read, thread_id: Id, position: Position) -> Response:
    """For the message's author: whom it helped."""
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, position)
    if not masks.is_own(ctx.conn, ctx.actor, thread_id, message):
        raise Forbidden("Only its author sees whom a message helped.")
    return ctx.page("forum/thanks.html", thread=thread, position=position, people=access.who_thanked(ctx.conn, message.id))


@pages.post("/threads/{thread_id}/also-ask", MEMBER)
def ask_too(ctx: Write, thread_id: Id) -> Response:
    also_asking.ask_too(ctx.session, ctx.actor, thread_id)
    return ctx.redirect(f"/threads/{thread_id}")


@pages.post("/threads/{thread_id}/also-ask/remove", MEMBER)
def ask_no_more(ctx: Write, thread_id: Id) -> Response:
    also_asking.take_back(ctx.session, ctx.actor, thread_id)
    return ctx.redirect(f"/threads/{thread_id}")


@pages.get("/bookmarks", MEMBER)
def bookmarks(ctx: Read) -> Response:
    rows = ctx.conn.execute(access.bookmarks(ctx.actor)).all()
    return ctx.page("forum/bookmarks.html", rows=rows, label=lambda marking: Marking(marking).label)


@pages.post("/threads/{thread_id}/bookmark", MEMBER, again=thread_page)
def bookmark(ctx: Write, thread_id: Id) -> Response:
    day, zone = parse(RemindOn, ctx.call.fields).remind_on, humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    bookmarking.keep(ctx.session, ctx.actor, thread_id, dt.datetime.combine(day, MORNING, zone) if day else None)
    return ctx.redirect(f"/threads/{thread_id}", said="bookmarked")


@pages.post("/threads/{thread_id}/bookmark/remove", MEMBER)
def unbookmark(ctx: Write, thread_id: Id) -> Response:
    bookmarking.let_go(ctx.session, ctx.actor, thread_id)
    return ctx.redirect("/bookmarks", said="bookmark-gone")


@pages.get("/drafts", MEMBER)
def drafts(ctx: Read) -> Response:
    rows = [(row, drafting.words_of(row), drafting.files_of(row)) for row in access.drafts(ctx.conn, ctx.actor)]
    return ctx.page("forum/drafts.html", rows=rows)


@pages.post("/drafts/{key}", MEMBER, once=False)
def save_draft(ctx: Write, key: str) -> Response:
    """What the composer sends while one types."""
    drafting.save(ctx.session, ctx.actor, key, draft_of(ctx.call.fields))
    return ctx.page("forum/_draft_saved.html")


@pages.post("/drafts/{of}/{about_id}/delete", MEMBER)
def delete_draft(ctx: Write, of: str, about_id: Id) -> Response:
    drafting.forget(ctx.session, ctx.actor, DraftOf(one_of(of, dict.fromkeys(DraftOf))), about_id)
    return ctx.redirect("/drafts", said="draft-gone")
