"""A thread's poll: put to it, voted in, closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import Conflict, Forbidden, Invalid
from app.core.fields import Id
from app.forum import access as forum
from app.forum.masks import access as masks
from app.forum.pages.reading import thread_page
from app.forum.polls import operations
from app.forum.polls.forms import PollForm, PollPage, VotePage
from app.forum.queries import replies
from app.web import humane
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PREFIX = "poll."


def _zone(ctx: Read | Write) -> dt.tzinfo:
    return humane.zone(ctx.platform.site.get(ctx.conn).time_zone)


def _form(ctx: Write, fields: list[tuple[str, str]]) -> PollForm:
    return parse(PollPage, fields).form(_zone(ctx))


def composed(ctx: Write) -> PollForm | None:
    """The poll among a composer's fields; None where neither question nor choices were written. Invalid under the fields' own names."""
    own = [(name.removeprefix(PREFIX), value) for name, value in ctx.call.fields if name.startswith(PREFIX)]
    if not any(value.strip() for name, value in own if name in ("question", "choices")):
        return None
    try:
        return _form(ctx, own)
    except Invalid as refused:
        raise Invalid({PREFIX + name: text for name, text in refused.errors.items()}) from None


def values_of(found: tuple[Row[Any], list[str]], zone: dt.tzinfo) -> dict[str, Any]:
    """What a composer's fields hold of a poll."""
    poll, choices = found
    closes_on = (poll.closes_at.astimezone(zone).date() - dt.timedelta(days=1)).isoformat() if poll.closes_at else ""
    said = {"question": poll.question, "choices": "\n".join(choices), "by": poll.by, "results": poll.results, "closes_on": closes_on}
    return {PREFIX + name: value for name, value in said.items()} | ({PREFIX + "multiple": "yes"} if poll.multiple else {})


@pages.get("/threads/{thread_id}/poll", MEMBER)
def poll_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    if not masks.is_own(ctx.conn, ctx.actor, thread_id, thread):
        raise Forbidden("Only who began the thread can put a poll to it.")
    forum.require_reply(ctx.actor, thread.right, locked=thread.locked_at is not None)
    if thread.has_poll:
        raise Conflict("This thread has a poll already.")
    form = ctx.form or FormState({"by": "member", "results": "after_vote"})
    return ctx.page("forum/poll.html", thread=thread, form=form)


@pages.post("/threads/{thread_id}/poll", MEMBER, again=poll_page)
def make(ctx: Write, thread_id: Id) -> Response:
    operations.make(ctx.session, ctx.actor, thread_id, _form(ctx, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}#poll", said="poll-made")


@pages.post("/threads/{thread_id}/poll/vote", MEMBER, again=thread_page)
def vote(ctx: Write, thread_id: Id) -> Response:
    choices = parse(VotePage, ctx.call.fields).choices
    operations.vote(ctx.session, ctx.actor, thread_id, choices)
    return ctx.redirect(f"/threads/{thread_id}#poll", said="voted" if choices else "vote-back")


@pages.post("/threads/{thread_id}/poll/close", MEMBER, again=thread_page)
def close(ctx: Write, thread_id: Id) -> Response:
    operations.close(ctx.session, ctx.actor, thread_id)
    return ctx.redirect(f"/threads/{thread_id}#poll", said="poll-closed")
