"""Forums, a forum, a thread, a message's history."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import Query
from markupsafe import Markup
from sqlalchemy import Row
from starlette.responses import Response

from app.agencies import like
from app.attachments.kinds import GATE
from app.core import audit
from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum import access, fragments
from app.forum.adoptions import showing as adoptions
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.models import WatchLevel
from app.forum.operations import reading
from app.forum.pages import paging
from app.forum.pages.files import sent_of
from app.forum.pages.posts import Posts, head, is_own
from app.forum.pages.quoting import begun
from app.forum.polls import showing as polls
from app.forum.practices import showing, tagging
from app.forum.queries import forums, replies, threads
from app.forum.queries.replies import page_end, page_start
from app.forum.queries.threads import Listing
from app.forum.rounds import showing as rounds
from app.forum.rows import rows_of
from app.web import humane
from app.web.forms import FormState
from app.web.guard import MEMBER
from app.web.request import Read, one_of
from app.web.routing import Routes

pages = Routes()


class Alike(NamedTuple):
    """What one's own agency is, in words, beside the choice of agencies like it."""

    words: str


TABS = {
    "all": ("", ""),
    "lessons": ("lesson", ""),
    "questions": ("question", ""),
    "unanswered": ("", "unanswered"),
    "unread": ("", "unread"),
}
SORTS = {"active": "Last reply", "newest": "Newest thread"}
WATCH_NAMES = (
    (WatchLevel.MUTE.value, "Muted: never new, never mailed"),
    (WatchLevel.NORMAL.value, "As the forum is set"),
    (WatchLevel.WATCH.value, "Watched: in every digest"),
    (WatchLevel.EACH.value, "Watched: each message"),
)


def _rows(ctx: Read, template: str, rows: list[Row[Any]]) -> Markup:
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    return rows_of(ctx.platform.renderer, template, rows, zone, ctx.now)


@pages.get("/forums", MEMBER)
def forum_list(ctx: Read) -> Response:
    return ctx.page("forum/forums.html", forums=forums.forums_of(ctx.conn, ctx.actor))


@pages.get("/new", MEMBER)
def choose_forum(ctx: Read) -> Response:
    """Where a new thread should go."""
    mine = [f for f in forums.forums_of(ctx.conn, ctx.actor) if access.may_open_thread(ctx.actor, f.right)]
    return ctx.page("forum/choose.html", forums=mine)


@pages.get("/forums/{slug}", MEMBER)
def forum_page(ctx: Read, slug: str, tab: str = "all", sort: str = "active", after: str = "") -> Response:
    forum = access.forum_for(ctx.conn, ctx.actor, slug)
    kind, filter_ = TABS[one_of(tab, TABS)]
    liked = ctx.query.get("like", "")
    alike = like.asked_for(ctx.conn, ctx.actor, liked)
    rows, following = threads.in_forum(ctx.conn, ctx.actor, forum.id, Listing(kind, filter_, one_of(sort, SORTS), after, alike=alike))
    kept = {"tab": tab, "sort": sort} | ({"like": liked} if liked else {})
    shown: dict[str, Any] = {"tab": tab, "following": following, "is_first": not after, "kept": kept}
    shown |= {"like": liked, "alike": alike or like.offered(ctx.actor)}
    shown["tools"] = _tools(ctx, forum, tab, sort, shown)
    return ctx.page("forum/forum.html", rows=_rows(ctx, "forum/_forum_row.html", rows), **_head_of(ctx, forum), **shown)


def _tools(ctx: Read, forum: Row[Any], tab: str, sort: str, shown: dict[str, Any]) -> Markup:
    counts, alike = forums.tab_counts(ctx.conn, forum.id, forum.version), shown["alike"]
    return fragments.kept_part(
        ctx.platform.renderer, "forum/_forum_tools.html", slug=forum.slug, tab=tab, sort=sort, sorts=tuple(SORTS.items()),
        counts=tuple(counts), alike=Alike(alike.words) if alike else None, like=shown["like"],
    )  # fmt: skip


def _head_of(ctx: Read, forum: Row[Any]) -> dict[str, Any]:
    return {
        "forum": forum,
        "floor": None if forum.marking_floor is None else Marking(forum.marking_floor).label,
        "may_post": access.may_open_thread(ctx.actor, forum.right),
    }


From = Annotated[int, Query(alias="from", ge=0, le=2**31 - 1)]


@pages.get("/threads/{thread_id}", MEMBER)
def thread_page(ctx: Read, thread_id: Id, from_: From = 0, quote: Annotated[int | None, Query(ge=0)] = None) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    start = page_start(min(from_, thread.last_position))
    keys = replies.keys(ctx.conn, thread_id, start, page_end(start))
    _note_reading(ctx, thread, keys)
    asks = thread.mask or thread.anonymous_ok or any(key.mask for key in keys)
    number = masks.own_number(ctx.conn, ctx.actor, thread_id) if asks else None
    values = _thread_values(ctx, thread, start, number)
    if not values["form"].values:
        _begin(ctx, values, begun(ctx, thread, quote))
    opening, mine = keys[0] if start == 0 else None, is_own(thread, ctx.actor, number)
    values |= _panels(ctx, thread, opening, is_own=mine, may_reply=values["may_reply"])
    return ctx.page("forum/thread.html", thread=thread, **values, **_messages(ctx, thread, keys, number, values))


def _messages(ctx: Read, thread: Row[Any], keys: list[Row[Any]], number: int | None, values: dict[str, Any]) -> dict[str, Any]:
    """The page's messages as HTML: the list, and what stands apart from it, the answer on each page and what a question began with."""
    elsewhere = _answer_elsewhere(ctx, thread, keys)
    rights = {name: values[name] for name in ("may_reply", "may_moderate", "may_answer")}
    posts = Posts(ctx, thread, [*keys, *elsewhere], number, rights, ctx.platform.site.get(ctx.conn).time_zone, values["record"])
    answer = next((key for key in [*keys, *elsewhere] if key.position == thread.answer_position and key.hidden_at is None), None)
    has_panels = values["poll"] or answer or values["asks_outcome"] or (values["course"] and values["course"].outcome)
    is_apart = bool(values["start"] == 0 and has_panels and keys)
    listed = posts.listed(keys[1:] if is_apart else keys, answer.position if answer else None, values["first_new"])
    return {
        "opening": posts.one(keys[0]) if is_apart else None, "answer": posts.one(answer) if answer else None, "posts": listed,
        **head(ctx, thread, is_answered=answer is not None), **paging.shown(ctx.platform.renderer, thread, values["start"], keys),
    }  # fmt: skip


def _begin(ctx: Read, values: dict[str, Any], first: dict[str, Any]) -> None:
    if first:
        values["form"].values |= first
        values["sent"] = sent_of(ctx, values["form"])


def _panels(ctx: Read, thread: Row[Any], opening: Row[Any] | None, *, is_own: bool, may_reply: bool) -> dict[str, Any]:
    """What stands beside the messages: a lesson's record and who took it up, a question's round and what came of it."""
    lesson = showing.panel(ctx.conn, ctx.actor, thread, opening, is_own=is_own) | adoptions.panel(ctx.conn, ctx.actor, thread)
    asked = rounds.panel(ctx.conn, ctx.actor, thread, opening, is_own=is_own)
    return lesson | asked | polls.panel(ctx.conn, ctx.actor, thread, may_reply=may_reply)


def _answer_elsewhere(ctx: Read, thread: Row[Any], keys: list[Row[Any]]) -> list[Row[Any]]:
    """The accepted answer's key, where it is on another page: it stands above the replies on each."""
    position = thread.answer_position
    if position is None or any(key.position == position for key in keys):
        return []
    return replies.keys(ctx.conn, thread.id, position, position)


def _thread_values(ctx: Read, thread: Row[Any], start: int, number: int | None) -> dict[str, Any]:
    marking, locked = Marking(thread.marking), thread.locked_at is not None
    mine = is_own(thread, ctx.actor, number)
    return {
        "form": ctx.form or FormState(), "sent": sent_of(ctx, ctx.form) if ctx.form is not None else [],
        "marking": marking, "start": start, "watch_names": WATCH_NAMES,
        "once": secrets.token_urlsafe(16), "accept": GATE.accept, "maskable": bool(thread.anonymous_ok), "masked": number is not None,
        "may_reply": access.may_reply(ctx.actor, thread.right, locked=locked),
        "may_answer": thread.kind == "question" and access.may_answer(ctx.actor, thread.right, is_own=mine),
        "may_moderate": access.may_moderate(ctx.actor, thread.right),
        "may_ask_poll": mine and not thread.has_poll and access.may_reply(ctx.actor, thread.right, locked=locked),
        "may_mark": access.may_mark(ctx.actor, thread.right, is_own=mine),
        "may_tag": tagging.may_tag(ctx.actor, thread, is_own=mine),
        "readers": replies.readers(ctx.conn, thread.id) if marking is Marking.RED else [],
        "first_new": None if thread.mark is None or thread.mark >= thread.last_position else thread.mark + 1,
    }  # fmt: skip


def _note_reading(ctx: Read, thread: Row[Any], keys: list[Row[Any]]) -> None:
    """Move the reader's mark to what they see now; who read a RED or AMBER+STRICT thread is logged (R1)."""
    actor = ctx.actor
    seen = keys[-1].position if keys else 0
    if thread.mark is None:
        seen = max(seen, thread.read_to)  # opening an old list's thread does not make news of its other pages
    if thread.mark is None or seen > thread.mark:
        ctx.later(lambda session: reading.mark_read(session, actor, thread.id, seen))
    if thread.marking >= Marking.AMBER_STRICT:
        label = Marking(thread.marking).label
        ctx.later(lambda session: audit.record(session, actor, "thread.read", ("thread", thread.id), marking=label, upto=seen))


@pages.get("/threads/{thread_id}/replies/{position}", MEMBER)
def find_reply(ctx: Read, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    if not 0 <= position <= thread.last_position:
        raise NotFound
    start = page_start(position)
    return ctx.redirect(f"/threads/{thread_id}" + (f"?from={start}" if start else "") + f"#r{position}")


def _host_of(address: str) -> str:
    """The host that a browser would go to; empty for what a browser might read in another way than we do."""
    if "\\" in address or any(ord(c) <= 32 or ord(c) == 127 for c in address):
        return ""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "") if parts.scheme in ("http", "https") and address.startswith(parts.scheme + "://") else ""
    except ValueError:
        return ""


@pages.get("/leaving", MEMBER)
def leaving(ctx: Read, to: Annotated[str, Query(max_length=4000)] = "") -> Response:
    """Names the site a member's link leads to before the browser goes there (C8). Only http and https lead anywhere."""
    host = _host_of(to)
    if not host:
        raise NotFound
    own = ctx.platform.settings.origin + "/"
    if to.startswith(own):
        return ctx.redirect("/" + to.removeprefix(own).lstrip("/"))  # two slashes would lead to another site
    return ctx.page("forum/leaving.html", to=to, host=host)
