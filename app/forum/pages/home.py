"""New for you: the first page, and what marks as read from it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.core.fields import Id
from app.forum import access, starting
from app.forum.forms import Read as ReadTo
from app.forum.fragments import stored_html
from app.forum.operations import reading
from app.forum.queries import forums, fresh
from app.forum.queries.forums import ForumRow
from app.forum.rows import fresh_rows, rail_of
from app.membership import starting as steps
from app.web import humane
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/", MEMBER)
def home(ctx: Read, after: Annotated[str, Query(max_length=1000)] = "") -> Response:
    rows, following = fresh.new_for(ctx.conn, ctx.actor, after)
    mine = forums.forums_of(ctx.conn, ctx.actor)
    values: dict[str, Any] = {
        "forums": mine,
        "unread": sum(forum.unread for forum in mine),
        "rail": rail_of(ctx.platform.renderer, mine),
        "following": following,
        "is_first": not after,
    }
    asked = bool(mine and mine[0].was_asked)
    values["waiting"] = [] if after else fresh.waiting_questions(ctx.conn, ctx.actor, was_asked=asked)
    values |= {"start": [], "welcome": None} if after else _start(ctx, mine)
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    return ctx.page("forum/home.html", rows=fresh_rows(ctx.platform.renderer, rows, ctx.actor.member_id, zone, ctx.now), **values)


def _start(ctx: Read, mine: list[ForumRow]) -> dict[str, Any]:
    """First steps until they are done or put away; and the association's own words, also for someone who has read nothing here yet."""
    actor, site = ctx.actor, ctx.platform.site.get(ctx.conn)
    start = starting.shown(ctx.conn, actor, mine, site) if mine and mine[0].start_done_at is None else []
    if start and all(one.is_done for one in start):
        ctx.later(lambda session: steps.finish(session, actor, put_away=False))
        start = []
    is_new = bool(start) or all(forum.read_version == 1 for forum in mine)
    return {"start": start, "welcome": stored_html(site.welcome_html) if is_new else None}


@pages.post("/start/{step}", MEMBER)
def start(ctx: Write, step: str) -> Response:
    """Put it away, or leave one step as it is."""
    if step == "away":
        steps.finish(ctx.session, ctx.actor, put_away=True)
    else:
        starting.keep(ctx.session, ctx.actor, step)
    return ctx.redirect("/", said="saved")


@pages.post("/threads/{thread_id}/read", MEMBER)
def read_thread(ctx: Write, thread_id: Id) -> Response:
    """Up to where it was listed: what came meanwhile stays new."""
    reading.read_up_to(ctx.session, ctx.actor, thread_id, parse(ReadTo, ctx.call.fields).position)
    return ctx.redirect("/", said="marked-read")


@pages.post("/forums/{slug}/read", MEMBER)
def read_forum(ctx: Write, slug: str) -> Response:
    forum = access.forum_for(ctx.session, ctx.actor, slug)
    reading.mark_forum_read(ctx.session, ctx.actor, forum.id)
    return ctx.redirect(f"/forums/{slug}", said="forum-read")


@pages.post("/mark-all-read", MEMBER)
def read_all(ctx: Write) -> Response:
    reading.mark_all_read(ctx.session, ctx.actor)
    return ctx.redirect("/", said="all-read")
