"""What is a member's own, for scripts. Shapes are the contract's."""

from __future__ import annotations

from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum.own import access, also_asking, bookmarking, drafting, thanking
from app.forum.own.forms import BookmarkForm, DraftForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.put("/threads/{thread_id}/replies/{position}/thanks", MEMBER)
def put_thanks(ctx: Write, thread_id: Id, position: Position) -> Response:
    return reply_json({"thanks": thanking.thank(ctx.session, ctx.actor, thread_id, position)})


@api.delete("/threads/{thread_id}/replies/{position}/thanks", MEMBER)
def delete_thanks(ctx: Write, thread_id: Id, position: Position) -> Response:
    return reply_json({"thanks": thanking.take_back(ctx.session, ctx.actor, thread_id, position)})


@api.put("/threads/{thread_id}/also-ask", MEMBER)
def put_also_ask(ctx: Write, thread_id: Id) -> Response:
    return reply_json({"also_ask": also_asking.ask_too(ctx.session, ctx.actor, thread_id)})


@api.delete("/threads/{thread_id}/also-ask", MEMBER)
def delete_also_ask(ctx: Write, thread_id: Id) -> Response:
    return reply_json({"also_ask": also_asking.take_back(ctx.session, ctx.actor, thread_id)})


@api.put("/threads/{thread_id}/bookmark", MEMBER)
def put_bookmark(ctx: Write, thread_id: Id, body: BookmarkForm) -> Response:
    bookmarking.keep(ctx.session, ctx.actor, thread_id, body.remind_at)
    return reply_json({"remind_at": body.remind_at})


@api.delete("/threads/{thread_id}/bookmark", MEMBER)
def delete_bookmark(ctx: Write, thread_id: Id) -> Response:
    bookmarking.let_go(ctx.session, ctx.actor, thread_id)
    return reply_json({})


@api.get("/drafts/{key}", MEMBER)
def get_draft(ctx: Read, key: str) -> Response:
    draft = access.draft_of(ctx.conn, ctx.actor, *access.place_of(ctx.conn, ctx.actor, key))
    if draft is None:
        raise NotFound
    more = {"fields": draft.fields, "attachments": drafting.files_of(draft)}
    return reply_json({"title": draft.title, "body": draft.body, **more, "saved_at": draft.saved_at})


@api.put("/drafts/{key}", MEMBER)
def put_draft(ctx: Write, key: str, body: DraftForm) -> Response:
    drafting.save(ctx.session, ctx.actor, key, body)
    return reply_json(body.model_dump())


@api.delete("/drafts/{key}", MEMBER)
def delete_draft(ctx: Write, key: str) -> Response:
    drafting.delete_one(ctx.session, ctx.actor, key)
    return reply_json({})
