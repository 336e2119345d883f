"""A lesson's record as its author writes it, and what it said before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import Invalid
from app.core.fields import Id
from app.forum import access as forum
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.practices import access, operations, showing
from app.forum.practices.forms import EditPractice, PracticeForm
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PREFIX = "practice."
_PREFILLED = ("sworn", "review_by")  # in a fresh composer: that they are sent says nothing


def composed(fields: list[tuple[str, str]]) -> PracticeForm | None:
    """The record among a composer's fields; None where nothing was written in them. Invalid under the fields' own names."""
    own = [(name.removeprefix(PREFIX), value) for name, value in fields if name.startswith(PREFIX)]
    if not any(value.strip() for name, value in own if name not in _PREFILLED):
        return None
    try:
        return parse(PracticeForm, own)
    except Invalid as refused:
        raise Invalid({PREFIX + name: text for name, text in refused.errors.items()}) from None


def state_of(record: Row[Any] | None, subjects: list[Row[Any]], first: dict[str, Any]) -> FormState:
    """The form of a record as it stands; of a new one with what the lesson is about already."""
    about = [subject.slug for subject in subjects]
    if record is None:
        return FormState({**first, **({"subjects": about} if about else {})})
    said = {name: "" if getattr(record, name) is None else getattr(record, name) for name in access.FIELDS}
    return FormState({**said, "subjects": about, "version": record.version})


@pages.get("/threads/{thread_id}/practice", MEMBER)
def record_page(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, 0)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    forum.require_edit(ctx.actor, thread.right, message, is_own=is_own, locked=thread.locked_at is not None)
    operations.require_lesson(thread)
    panel = showing.panel(ctx.conn, ctx.actor, thread, message, is_own=is_own)
    form = ctx.form or state_of(panel["record"], panel["subjects"], showing.fresh(ctx.actor, ctx.now))
    clash = panel["record"] is not None and "" in form.errors
    return ctx.page("forum/practice.html", **panel, thread=thread, form=form, clash=clash, offer=showing.options(ctx.conn, thread_id))


@pages.post("/threads/{thread_id}/practice", MEMBER, again=record_page)
def save(ctx: Write, thread_id: Id) -> Response:
    operations.edit(ctx.session, ctx.actor, thread_id, parse(EditPractice, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="record-saved")


@pages.get("/threads/{thread_id}/practice/review", MEMBER)
def review_page(ctx: Read, thread_id: Id) -> Response:
    """Still true? One tap, or the form."""
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, 0)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    forum.require_edit(ctx.actor, thread.right, message, is_own=is_own, locked=thread.locked_at is not None)
    access.require_see_record(ctx.conn, thread)
    panel = showing.panel(ctx.conn, ctx.actor, thread, message, is_own=is_own)
    return ctx.page("forum/practice_review.html", thread=thread, **{**panel, "may_write_record": False})


@pages.post("/threads/{thread_id}/practice/review", MEMBER, again=review_page)
def confirm(ctx: Write, thread_id: Id) -> Response:
    operations.confirm(ctx.session, ctx.actor, thread_id)
    return ctx.redirect(f"/threads/{thread_id}", said="record-confirmed")


@pages.get("/threads/{thread_id}/practice/revisions", MEMBER)
def revisions(ctx: Read, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    access.require_see_record(ctx.conn, thread)
    earlier = access.revisions_of(ctx.conn, thread_id)
    names: dict[str, Any] = {"again_names": AGAIN_NAMES, "cost_names": COST_NAMES, "label": Marking(thread.marking).label}
    return ctx.page("forum/practice_revisions.html", thread=thread, earlier=earlier, **names)
