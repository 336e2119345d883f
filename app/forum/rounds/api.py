"""Being asked, and what came of a question, for scripts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row
from starlette.responses import Response

from app.core.access import Actor
from app.core.fields import Id
from app.forum.practices import access as practices
from app.forum.rounds import access, operations, showing
from app.forum.rounds.forms import AskingForm, OutcomeForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


def round_of(conn: Connection, actor: Actor, thread: Row[Any]) -> dict[str, Any]:
    """Of a question or a discussion that was reached through the actor: what it is about, how many were asked, what came of it. Nothing of
    one that a moderator has hidden."""
    hidden = practices.is_hidden(conn, thread.id)
    course = None if hidden else access.course_of(conn, actor, thread.id)
    about = [] if hidden else [row.slug for row in practices.subjects_of(conn, thread.id)]
    return {
        "also_ask": thread.also_ask,
        "subjects": about,
        "asked": course.asked if course else 0,
        "outcome": (course.outcome if course else "") or None,
    }


@api.get("/me/asking", MEMBER)
def get_asking(ctx: Read) -> Response:
    return reply_json(showing.own(ctx.conn, ctx.actor, ctx.actor.member_id).values)


@api.put("/me/asking", MEMBER)
def put_asking(ctx: Write, body: AskingForm) -> Response:
    operations.choose(ctx.session, ctx.actor, body)
    return reply_json(showing.own(ctx.conn, ctx.actor, ctx.actor.member_id).values)


@api.put("/threads/{thread_id}/outcome", MEMBER)
def put_outcome(ctx: Write, thread_id: Id, body: OutcomeForm) -> Response:
    operations.say_outcome(ctx.session, ctx.actor, thread_id, body)
    return reply_json({"outcome": body.outcome or None})
