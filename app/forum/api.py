"""The forum for scripts. Shapes are the contract's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy import Connection, Row
from starlette.responses import Response

from app.agencies import like
from app.attachments.handing_out import shape_of
from app.core.access import Actor
from app.core.errors import Invalid
from app.core.fields import Form, Id, Position
from app.forum import access
from app.forum.adoptions import access as adoptions
from app.forum.attached import access as attached
from app.forum.forms import Accept, EditReply, NewReply, NewThread, Read, StrikeForm, WatchChoice
from app.forum.history import access as history
from app.forum.history import operations as striking
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.mentions.quoting import quoted
from app.forum.models import FROM_ARCHIVE, ThreadKind
from app.forum.operations import answering, reading, writing
from app.forum.operations.writing import Posted
from app.forum.polls import showing as polls
from app.forum.practices.api import practice_of
from app.forum.queries import forums, replies, threads
from app.forum.queries.threads import Listing
from app.forum.rounds.api import round_of
from app.forum.rounds.operations import CARRIED_BY
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read as ReadContext
from app.web.request import Write
from app.web.routing import Routes

api = Routes("/api/v1")
From = Annotated[int, Query(alias="from", ge=0, le=2**31 - 1)]
MOST_CHARACTERS = 100_000  # of a message: core.fields
Limit = Annotated[int, Query(ge=1, le=100)]


class ThreadQuery(Form):
    kind: Literal["", "lesson", "question", "discussion", "notice"] = ""
    filter: Literal["", "unanswered", "unread"] = ""
    sort: Literal["active", "newest"] = "active"
    like: Literal["", "mine"] = ""
    cursor: str = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 25


def _person(row: Row[Any]) -> dict[str, Any] | None:
    """Nobody, where it is masked."""
    return None if row.mask else {"id": row.author_id, "name": row.author, "rank": row.author_rank, "agency": row.author_agency}


def _writer(row: Row[Any]) -> dict[str, Any] | None:
    """With the class at the time, which a retired member's messages are labelled by (V12); nobody's where a list's archive brought it."""
    person = _person(row)
    return person and {**person, "member_class": None if row.author_class in ("", FROM_ARCHIVE) else row.author_class}


def _thread(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "kind": row.kind, "marking": Marking(row.marking).label, "starter": _person(row),
        "reply_count": row.last_position, "unread": row.unread, "created_at": row.created_at, "last_reply_at": row.last_reply_at,
        "pinned": bool(row.pinned), "locked": row.locked_at is not None, "anonymous": row.mask > 0,
        "answer_position": row.answer_position,
    }  # fmt: skip


def _reply(row: Row[Any], open_to_asker: bool, files: Sequence[Row[Any]]) -> dict[str, Any]:
    """A hidden message's text goes to its author and the forum's moderators alone."""
    hidden = row.hidden_at is not None
    shown = not hidden or open_to_asker
    return {
        "position": row.position, "author": _writer(row), "body": row.body if shown else "", "html": row.html if shown else "",
        "created_at": row.created_at, "edited_at": row.edited_at, "version": row.version, "hidden": hidden,
        "thanks": row.thanks,
        "hidden_reason": row.hidden_reason if hidden else None, "anonymous": row.mask > 0,
        "attachments": [shape_of(file) for file in files] if shown else [],
    }  # fmt: skip


def _replies(conn: Connection, actor: Actor, thread: Row[Any], rows: list[Row[Any]]) -> list[dict[str, Any]]:
    def is_open(row: Row[Any]) -> bool:
        is_own = row.hidden_at is not None and masks.is_own(conn, actor, thread.id, row)
        return access.may_see_hidden(actor, thread.right, is_own=is_own)

    files = attached.of_messages(conn, [row.id for row in rows])
    return [_reply(row, is_open(row), files.get(row.id, ())) for row in rows]


@api.get("/forums", MEMBER)
def list_forums(ctx: ReadContext) -> Response:
    items = [
        {
            "slug": f.slug, "title": f.title, "description": f.description, "unread": f.unread,
            "marking_floor": None if f.marking_floor is None else f.marking_floor.label,
            "anonymous_ok": bool(f.anonymous_ok), "may_post": access.may_open_thread(ctx.actor, f.right),
        }
        for f in forums.forums_of(ctx.conn, ctx.actor)
    ]  # fmt: skip
    return reply_json({"items": items, "next": None})


@api.get("/forums/{slug}/threads", MEMBER)
def list_threads(ctx: ReadContext, slug: str, wanted: Annotated[ThreadQuery, Query()]) -> Response:
    forum = access.forum_for(ctx.conn, ctx.actor, slug)
    alike = like.asked_for(ctx.conn, ctx.actor, wanted.like)
    listing = Listing(wanted.kind, wanted.filter, wanted.sort, wanted.cursor, wanted.limit, alike)
    rows, following = threads.in_forum(ctx.conn, ctx.actor, forum.id, listing)
    return reply_json({"items": [_thread(row) for row in rows], "next": following})


@api.post("/forums/{slug}/threads", MEMBER, status=201)
def create_thread(ctx: Write, slug: str, body: NewThread) -> Response:
    posted = writing.open_thread(ctx.session, ctx.actor, slug, body)
    row = threads.listed(ctx.conn, ctx.actor, posted.thread_id)
    return reply_json(_thread(row), 201, {"location": f"/api/v1/threads/{posted.thread_id}"})


@api.get("/threads/{thread_id}", MEMBER)
def get_thread(ctx: ReadContext, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    row = threads.listed(ctx.conn, ctx.actor, thread_id)
    may_reply = access.may_reply(ctx.actor, thread.right, locked=thread.locked_at is not None)
    poll = polls.shape(polls.panel(ctx.conn, ctx.actor, thread, may_reply=may_reply)["poll"])
    forum = {"slug": thread.forum_slug, "title": thread.forum_title}
    more: dict[str, Any] = {"practice": None, "adoption": None}
    if thread.kind in CARRIED_BY:
        more |= round_of(ctx.conn, ctx.actor, thread)
    if thread.kind == ThreadKind.LESSON:
        more = {"practice": practice_of(ctx, ctx.conn, thread_id), "adoption": adoptions.counts_of(ctx.conn, thread_id)}
    return reply_json({**_thread(row), "poll": poll, "forum": forum, "version": thread.version, "watch": thread.watch or "normal", **more})


@api.get("/threads/{thread_id}/replies", MEMBER)
def list_replies(
    ctx: ReadContext, thread_id: Id, from_: Annotated[int, Query(alias="from", ge=0, le=2**31 - 1)] = 0, limit: Limit = 20
) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    rows = replies.between(ctx.conn, thread_id, from_, min(from_ + limit - 1, thread.last_position))
    following = from_ + limit if from_ + limit <= thread.last_position else None
    return reply_json({"items": _replies(ctx.conn, ctx.actor, thread, rows), "next": following})


@api.post("/threads/{thread_id}/replies", MEMBER, status=201)
def create_reply(ctx: Write, thread_id: Id, body: NewReply) -> Response:
    posted = writing.reply(ctx.session, ctx.actor, thread_id, _with_quote(ctx, thread_id, body))
    location = f"/api/v1/threads/{thread_id}/replies?from={posted.position}&limit=1"
    return reply_json(_one(ctx.conn, ctx.actor, posted), 201, {"location": location})


def _with_quote(ctx: Write, thread_id: int, body: NewReply) -> NewReply:
    """Only from the same thread (H4): a position is of that."""
    if body.quote is None:
        return body
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    words = quoted(ctx.conn, thread, body.quote, ctx.platform.settings.origin)
    if not words or len(words) + len(body.body) > MOST_CHARACTERS:
        raise Invalid(quote="There is no such message, or with it the text is too long.")
    return body.model_copy(update={"body": words + body.body})


def _one(conn: Connection, actor: Actor, posted: Posted) -> dict[str, Any]:
    row = replies.one(conn, posted.thread_id, posted.position)
    return _reply(row, True, attached.of_messages(conn, [row.id]).get(row.id, ()))


@api.patch("/threads/{thread_id}/replies/{position}", MEMBER)
def edit_reply(ctx: Write, thread_id: Id, position: Position, body: EditReply) -> Response:
    where = Posted(thread_id, position)
    writing.edit(ctx.session, ctx.actor, where, body)
    ctx.session.flush()
    return reply_json(_one(ctx.conn, ctx.actor, where))


def _revision(row: Row[Any], shown: bool) -> dict[str, Any]:
    return {
        "version": row.version, "body": row.body if shown else "", "html": row.html if shown else "", "written_at": row.written_at,
        "replaced_at": row.replaced_at, "struck": row.struck_at is not None,
    }  # fmt: skip


@api.post("/threads/{thread_id}/replies/{position}/revisions/{version}/strike", MEMBER)
def strike_revision(ctx: Write, thread_id: Id, position: Position, version: Id, body: StrikeForm) -> Response:
    striking.strike(ctx.session, ctx.actor, striking.Where(thread_id, position, version), body.reason)
    return reply_json({"version": version, "struck": True})


@api.get("/threads/{thread_id}/replies/{position}/revisions", MEMBER)
def list_revisions(ctx: ReadContext, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, position)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    access.require_see_history(ctx.actor, thread.right, message, is_own=is_own)
    is_insider = access.may_see_hidden(ctx.actor, thread.right, is_own=is_own)
    items = [_revision(row, history.may_see_version(row, is_insider=is_insider)) for row in history.revisions(ctx.conn, message.id)]
    return reply_json({"items": items, "next": None})


@api.put("/threads/{thread_id}/read", MEMBER)
def put_read(ctx: Write, thread_id: Id, body: Read) -> Response:
    return reply_json({"position": reading.set_read_mark(ctx.session, ctx.actor, thread_id, body.position)})


@api.put("/threads/{thread_id}/answer", MEMBER)
def put_answer(ctx: Write, thread_id: Id, body: Accept) -> Response:
    answering.accept(ctx.session, ctx.actor, thread_id, body.position)
    return reply_json({"answer_position": body.position})


@api.delete("/threads/{thread_id}/answer", MEMBER)
def delete_answer(ctx: Write, thread_id: Id) -> Response:
    answering.take_back(ctx.session, ctx.actor, thread_id)
    return reply_json({"answer_position": None})


@api.put("/threads/{thread_id}/watch", MEMBER)
def put_watch(ctx: Write, thread_id: Id, body: WatchChoice) -> Response:
    reading.watch(ctx.session, ctx.actor, thread_id, body.level)
    return reply_json({"level": body.level})
