"""Polls for scripts. Shapes are the contract's."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.forum import access as forum
from app.forum.polls import access, operations
from app.forum.polls.forms import PollForm, VoteForm
from app.forum.polls.showing import shape
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Write
from app.web.routing import Routes

api = Routes("/api/v1")


def _poll(ctx: Write, thread_id: int, status: int = 200) -> Response:
    ctx.session.flush()
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    may_reply = forum.may_reply(ctx.actor, thread.right, locked=thread.locked_at is not None)
    return reply_json(shape(access.shown(ctx.conn, ctx.actor, thread_id, may_reply=may_reply)), status)


@api.post("/threads/{thread_id}/poll", MEMBER, status=201)
def make(ctx: Write, thread_id: Id, body: PollForm) -> Response:
    operations.make(ctx.session, ctx.actor, thread_id, body)
    return _poll(ctx, thread_id, 201)


@api.put("/threads/{thread_id}/poll/vote", MEMBER)
def vote(ctx: Write, thread_id: Id, body: VoteForm) -> Response:
    operations.vote(ctx.session, ctx.actor, thread_id, body.choices)
    return _poll(ctx, thread_id)


@api.post("/threads/{thread_id}/poll/close", MEMBER)
def close(ctx: Write, thread_id: Id) -> Response:
    operations.close(ctx.session, ctx.actor, thread_id)
    return _poll(ctx, thread_id)
