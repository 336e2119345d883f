"""Undo: what one posted a moment ago goes back into the form that it came from."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.core.fields import Id, Position
from app.forum import access
from app.forum.attached import access as attached
from app.forum.forms import UndoForm
from app.forum.markings import Marking
from app.forum.pages.drafts import draft_of
from app.forum.pages.polls import values_of
from app.forum.pages.practices import PREFIX, state_of
from app.forum.pages.reading import thread_page
from app.forum.pages.writing import begun_in, new_thread
from app.forum.polls import access as polls
from app.forum.practices import access as practices
from app.forum.queries import replies
from app.forum.rounds.operations import CARRIED_BY
from app.forum.withdrawing import operations
from app.web import humane
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


def undo_again(ctx: Read, thread_id: Id, position: Position) -> Response:
    """The thread as it stands, with why the message stays; nothing of it in the reply's field."""
    if ctx.form is not None:
        ctx.form.values.pop("message", None)
    return thread_page(ctx, thread_id, from_=position)


@pages.post("/threads/{thread_id}/replies/{position}/undo", MEMBER, again=undo_again)
def undo(ctx: Write, thread_id: Id, position: Position) -> Response:
    message = parse(UndoForm, ctx.call.fields).message
    if position > 0:
        operations.withdraw_reply(ctx.session, ctx.actor, thread_id, position, message)
        return ctx.redirect(f"/threads/{thread_id}?from={position}#reply", said="taken-back")
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    operations.withdraw_thread(ctx.session, ctx.actor, thread_id, draft_of(_pairs(_composer(ctx, thread))))
    # With what was begun there since: who sends the form sends all of the draft, which is gone then.
    reader = Read(ctx.call, ctx.visit, conn=ctx.conn)
    words = begun_in(reader, access.forum_for(ctx.conn, ctx.actor, thread.forum_slug))
    reader.form = FormState(words | {"taken_back": "yes"})
    return new_thread(reader, thread.forum_slug)


def _composer(ctx: Write, thread: Any) -> dict[str, Any]:
    """What the composer's fields held when it was sent."""
    opening = replies.one(ctx.conn, thread.id, 0)
    values: dict[str, Any] = {"kind": thread.kind, "title": thread.title, "body": opening.body, "marking": Marking(thread.marking).label}
    values["readers"] = [str(reader.id) for reader in replies.readers(ctx.conn, thread.id)]
    values["attachments"] = [str(one) for one in attached.ids_of(ctx.session, opening.id)]
    if thread.mask:
        values["anonymous"] = "yes"
    about = practices.subjects_of(ctx.conn, thread.id)
    record = practices.record_of(ctx.conn, thread.id)
    if record is not None:
        values |= {f"{PREFIX}{name}": value for name, value in state_of(record, about, {}).values.items() if name != "version"}
    elif thread.kind in CARRIED_BY:
        values["subjects"] = [subject.slug for subject in about]
    asked = polls.form_of(ctx.conn, thread.id)
    if asked is not None:
        values |= values_of(asked, humane.zone(ctx.platform.site.get(ctx.conn).time_zone))
    return values


def _pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    """The same as a browser sends it: a box that is not ticked is not sent."""
    several = ((name, one) for name, given in values.items() for one in (given if isinstance(given, list) else [given]))
    return [(name, "yes" if value is True else str(value)) for name, value in several if value is not False]
