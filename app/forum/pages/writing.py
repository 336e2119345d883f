"""The composer: a new thread, a reply, an edit, each with a preview; and what a reader sets for themselves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query
from markupsafe import Markup
from sqlalchemy import Row
from starlette.responses import Response

from app.attachments.intake import FILES
from app.attachments.kinds import GATE
from app.core.errors import Invalid
from app.core.fields import Id, Position
from app.core.uploads import PASSED_BY
from app.forum import access, similar, starting
from app.forum.forms import EditReply, NewReply, NewThread, WatchChoice
from app.forum.fragments import stored_html
from app.forum.history import access as history
from app.forum.markings import MEANINGS, Marking
from app.forum.masks import access as masks
from app.forum.mentions import operations as mentions
from app.forum.models import ThreadKind
from app.forum.operations import reading, writing
from app.forum.operations.writing import Posted
from app.forum.own import access as own
from app.forum.own import drafting
from app.forum.own.models import DraftOf
from app.forum.pages import polls, practices
from app.forum.pages.files import sent_of, with_files
from app.forum.pages.reading import thread_page
from app.forum.practices import showing
from app.forum.queries import replies
from app.forum.rounds import showing as rounds
from app.forum.telling import access as telling
from app.web.forms import FormState, parse, values_of
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


def _preview_of(ctx: Write, where: mentions.Where) -> Markup:
    body = next((value for name, value in ctx.call.fields if name == "body"), "")
    return stored_html(mentions.render(ctx.conn, where, body[:100_000])[0].html)


def _is_fragment(ctx: Write) -> bool:
    return ctx.call.request.headers.get("hx-request") == "true"


@pages.get("/forums/{slug}/new", MEMBER)
def new_thread(ctx: Read, slug: str) -> Response:
    forum = access.forum_for(ctx.conn, ctx.actor, slug)
    access.require_open_thread(ctx.actor, forum.right)
    kinds = [k for k in ThreadKind if k is not ThreadKind.NOTICE or access.may_open_notice(ctx.actor, forum.right)]
    form = ctx.form or FormState(begun_in(ctx, forum))
    by_mail = f"forum+{slug}@{ctx.platform.settings.mail_domain}" if telling.forum_by_mail(ctx.conn, slug) else ""
    values: dict[str, Any] = {
        "markings": _markings(forum), "nameable": replies.nameable(ctx.conn, forum.id, ctx.actor.member_id),
        "once": form.value("once") or secrets.token_urlsafe(16), "offer": showing.options(ctx.conn), "by_mail": by_mail,
        "accept": GATE.accept, "sent": sent_of(ctx, form), "similar": similar.threads(ctx.conn, ctx.actor, str(form.value("title"))[:200]),
    }  # fmt: skip
    return ctx.page("forum/new_thread.html", forum=forum, kinds=kinds, form=form, **values)


@pages.get("/forums/{slug}/new/similar", MEMBER, counts=False, slow=True)
def similar_threads(ctx: Read, slug: str, title: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """While a title is typed: what it is like."""
    access.require_open_thread(ctx.actor, access.forum_for(ctx.conn, ctx.actor, slug).right)
    return ctx.page("forum/_similar.html", similar=similar.threads(ctx.conn, ctx.actor, title[:200]))


def _markings(forum: Row[Any]) -> list[tuple[str, str, str]]:
    floor = Marking.CLEAR if forum.marking_floor is None else Marking(forum.marking_floor)
    return [(m.label, m.label, MEANINGS[m]) for m in Marking if m >= floor]


def begun_in(ctx: Read, forum: Row[Any]) -> dict[str, Any]:
    """What the form holds before anything is typed: the usual choices, and what was begun here before."""
    draft = own.draft_of(ctx.conn, ctx.actor, DraftOf.FORUM, forum.id)
    hello = _hello(ctx, forum) if ctx.query.get("hello") and draft is None else {}
    usual = {
        "kind": "discussion",
        "poll.by": "member",
        "poll.results": "after_vote",
        "marking": writing.marking_in(forum.marking_floor, None).label,
    }
    record = showing.fresh(ctx.actor, ctx.now, practices.PREFIX)
    return {**usual, **record, **hello, **(drafting.values_of(draft) if draft is not None else {})}


def _hello(ctx: Read, forum: Row[Any]) -> dict[str, Any]:
    """The words that a new member may begin with, in the forum for hellos alone."""
    if forum.id != ctx.platform.site.get(ctx.conn).hello_forum:
        return {}
    return starting.first_words(ctx.actor, [row.name for row in rounds.known(ctx.conn, ctx.actor, ctx.actor.member_id)])


@pages.post("/forums/{slug}/new", MEMBER, again=new_thread, takes=FILES)
def post_thread(ctx: Write, slug: str) -> Response:
    posted = writing.open_thread(ctx.session, ctx.actor, slug, with_files(ctx, _composed(ctx)))
    return ctx.redirect(f"/threads/{posted.thread_id}", said="posted")


def _composed(ctx: Write) -> NewThread:
    """The composer's form with the record of a lesson and a poll, and what is wrong with any of them at once."""
    wrong: dict[str, str] = {}
    more: dict[str, Any] = {}
    parts: dict[str, Callable[[], Any]] = {"practice": lambda: practices.composed(ctx.call.fields), "poll": lambda: polls.composed(ctx)}
    for name, part in parts.items():
        try:
            more[name] = part()
        except Invalid as refused:
            wrong |= refused.errors
    try:
        form = parse(NewThread, [(name, value) for name, value in ctx.call.fields if name not in parts])
    except Invalid as refused:
        raise Invalid({**refused.errors, **wrong}) from None
    if wrong:
        raise Invalid(wrong)
    return form.model_copy(update=more)


def _previewed(ctx: Write, where: mentions.Where) -> Read:
    """The same request as the composer's page needs it: what was typed, and how it will look."""
    return Read(ctx.call, ctx.visit, FormState(values_of(ctx.call.fields), preview=_preview_of(ctx, where)), conn=ctx.conn)


@pages.post("/forums/{slug}/new/preview", MEMBER, once=False, takes=PASSED_BY)
def preview_thread(ctx: Write, slug: str) -> Response:
    forum = access.forum_for(ctx.conn, ctx.actor, slug)
    access.require_open_thread(ctx.actor, forum.right)
    where = ("forum", forum.id)
    if _is_fragment(ctx):
        return ctx.page("forum/_preview.html", preview=_preview_of(ctx, where))
    return new_thread(_previewed(ctx, where), slug)


def reply_again(ctx: Read, thread_id: Id) -> Response:
    """The thread's last page: what came meanwhile stands above what was typed."""
    return thread_page(ctx, thread_id, from_=2**31 - 1)


@pages.post("/threads/{thread_id}/replies", MEMBER, again=reply_again, takes=FILES)
def post_reply(ctx: Write, thread_id: Id) -> Response:
    posted = writing.reply(ctx.session, ctx.actor, thread_id, with_files(ctx, parse(NewReply, ctx.call.fields)))
    return _to(ctx, posted)


@pages.post("/threads/{thread_id}/preview", MEMBER, once=False, takes=PASSED_BY)
def preview_reply(ctx: Write, thread_id: Id) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    access.require_reply(ctx.actor, thread.right, locked=False)  # a lock that came meanwhile is told when it is sent
    where = ("thread", thread_id)
    if _is_fragment(ctx):
        return ctx.page("forum/_preview.html", preview=_preview_of(ctx, where))
    return thread_page(_previewed(ctx, where), thread_id)


def _to(ctx: Write, posted: Posted, said: str = "") -> Response:
    start = replies.page_start(posted.position)
    return ctx.redirect(f"/threads/{posted.thread_id}" + (f"?from={start}" if start else "") + f"#r{posted.position}", said=said)


@pages.get("/threads/{thread_id}/replies/{position}/edit", MEMBER)
def edit_page(ctx: Read, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, position)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    access.require_edit(ctx.actor, thread.right, message, is_own=is_own, locked=thread.locked_at is not None)
    history.require_edit_at(ctx.actor, thread.right, message.created_at, thread.edit_hours)
    fresh = FormState({"body": message.body, "title": thread.title})
    form = ctx.form or fresh
    clash = message if form.errors.get("") else None
    current = stored_html(message.html)
    return ctx.page(
        "forum/edit.html", thread=thread, message=message, form=form, clash=clash, current=current, rule=history.rule_of(thread.edit_hours)
    )


@pages.post("/threads/{thread_id}/replies/{position}/edit", MEMBER, again=edit_page)
def post_edit(ctx: Write, thread_id: Id, position: Position) -> Response:
    where = Posted(thread_id, position)
    writing.edit(ctx.session, ctx.actor, where, parse(EditReply, ctx.call.fields))
    return _to(ctx, where, said="edited")


@pages.post("/threads/{thread_id}/watch", MEMBER)
def post_watch(ctx: Write, thread_id: Id) -> Response:
    reading.watch(ctx.session, ctx.actor, thread_id, parse(WatchChoice, ctx.call.fields).level)
    return ctx.redirect(f"/threads/{thread_id}", said="watching")


@pages.post("/threads/{thread_id}/unread", MEMBER)
def post_unread(ctx: Write, thread_id: Id) -> Response:
    """Take the mark back to before the opening message, so that the whole thread is new again."""
    reading.set_read_mark(ctx.session, ctx.actor, thread_id, reading.NOTHING)
    return ctx.redirect("/", said="saved")
