"""Practice records and subjects for scripts. Shapes are the contract's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.core.fields import Id
from app.forum.practices import access, operations, tagging
from app.forum.practices.forms import EditPractice, SubjectsForm
from app.forum.practices.records import contract_form, is_stale
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


def practice_of(ctx: Read | Write, conn: Connection, thread_id: int) -> dict[str, Any] | None:
    """The record of a lesson that was reached through the actor; none where there is none, or a moderator has hidden the lesson."""
    record = access.record_of(conn, thread_id)
    if record is None or access.is_hidden(conn, thread_id):
        return None
    more = {"version": record.version, "confirmed_at": record.confirmed_at, "may_be_out_of_date": is_stale(record.review_by, ctx.now)}
    return {**contract_form(record, access.subjects_of(conn, thread_id)), **more}


@api.put("/threads/{thread_id}/practice", MEMBER)
def put_practice(ctx: Write, thread_id: Id, body: EditPractice) -> Response:
    operations.edit(ctx.session, ctx.actor, thread_id, body)
    ctx.session.flush()
    return reply_json(practice_of(ctx, ctx.conn, thread_id))


@api.get("/threads/{thread_id}/practice/revisions", MEMBER)
def list_revisions(ctx: Read, thread_id: Id) -> Response:
    access.require_see_record(ctx.conn, replies.thread_for(ctx.conn, ctx.actor, thread_id))
    items = [
        {"version": r.version, "practice": r.record, "written_at": r.written_at, "replaced_at": r.replaced_at}
        for r in access.revisions_of(ctx.conn, thread_id)
    ]
    return reply_json({"items": items, "next": None})


@api.put("/threads/{thread_id}/subjects", MEMBER)
def put_subjects(ctx: Write, thread_id: Id, body: SubjectsForm) -> Response:
    tagging.change(ctx.session, ctx.actor, thread_id, body)
    ctx.session.flush()
    return reply_json({"subjects": [row.slug for row in access.subjects_of(ctx.conn, thread_id)]})


@api.get("/subjects", MEMBER)
def list_subjects(ctx: Read) -> Response:
    items = [{"slug": row.slug, "name": row.name} for row in ctx.conn.execute(access.visible_subjects())]
    return reply_json({"items": items, "next": None})
