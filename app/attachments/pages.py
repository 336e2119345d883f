"""The way to a file. Who may have it is asked at each GET of what it hangs on, for the small picture and for a piece of a film too."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.attachments import access, handing_out, operations
from app.attachments.access import HandedOut
from app.attachments.intake import ONE_FILE, taken_of
from app.core import audit
from app.core.errors import Invalid
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.core.storage import storage_of
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PAGE = 30
FIRST = (dt.datetime(9999, 1, 1, tzinfo=dt.UTC), 0)


@pages.get("/settings/files", MEMBER)
def own(ctx: Read, before: Annotated[str, Query()] = "") -> Response:
    rows = access.mine(ctx.conn, ctx.actor, read_cursor(before, dt.datetime, int) if before else FIRST, PAGE + 1)
    more = cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else ""
    return ctx.page("attachments/own.html", rows=[(row, handing_out.address_of(row)) for row in rows[:PAGE]], more=more)


@pages.post("/attachments/{id}/bare", MEMBER)
def make_bare(ctx: Write, id: Id) -> Response:
    operations.make_bare(ctx.session, ctx.actor, id)
    return ctx.redirect("/settings/files", said="file-bare")


def not_taken(ctx: Read) -> Response:
    """Why, for the row of the list in which it would stand."""
    errors = ctx.form.errors if ctx.form is not None else {}
    error = errors.get("file") or next(iter(errors.values()), "It could not be taken.")
    return ctx.page("attachments/_sent.html", file=None, name="", error=error)


@pages.post("/attachments", MEMBER, takes=ONE_FILE, again=not_taken)
def send(ctx: Write) -> Response:
    """Ahead of its message, while that is being written; it is checked meanwhile."""
    taken = taken_of(ctx.call.files)
    if not taken:
        raise Invalid(file="Choose a file.")
    file = operations.take(ctx.session, ctx.actor, taken)[0]
    return ctx.page("attachments/_sent.html", 201, file=file, name=file.name, error="")


@pages.get("/attachments/{id}/{name}", MEMBER, slow=True)
def hand_out(ctx: Read, id: Id, name: str) -> Response:
    found = access.file_for(ctx.conn, ctx.actor, id, name)
    headers = ctx.call.request.headers
    wanted = "" if "if-range" in headers else headers.get("range", "")  # what they have was of another answer: we name no versions
    response = handing_out.whole(storage_of(ctx.platform.settings), found, wanted)
    _note_look(ctx, found)
    return response


@pages.get("/attachments/{id}/{name}/thumb", MEMBER, slow=True)
def hand_out_thumb(ctx: Read, id: Id, name: str) -> Response:
    found = access.file_for(ctx.conn, ctx.actor, id, name)
    response = handing_out.thumb(storage_of(ctx.platform.settings), found.file)
    _note_look(ctx, found)
    return response


def _note_look(ctx: Read, found: HandedOut) -> None:
    """Who had a file of a RED or AMBER+STRICT thread is logged before its first byte leaves (R1)."""
    actor, seen, attachment_id = ctx.actor, found.seen, found.file.id
    if seen is not None and seen.label:
        ctx.later(
            lambda session: audit.record(session, actor, "attachment.read", seen.subject, attachment=attachment_id, marking=seen.label)
        )
