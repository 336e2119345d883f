"""A thread's page: the thread with all that depends on the reader in one statement, its messages in a second."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select
from sqlalchemy.orm import aliased

from app.core.access import Actor
from app.core.errors import NotFound
from app.core.hot import Hot
from app.core.sql import word
from app.forum import access
from app.forum.access import ME
from app.forum.adoptions import access as adoptions
from app.forum.models import Forum, ReadMark, Reply, Thread, ThreadReader, Watch
from app.forum.own.models import AlsoAsks, Draft
from app.forum.polls import access as polls
from app.forum.practices import access as practices
from app.membership.models import Member

PAGE = 20  # messages on a page, the opening one among them
Starter = aliased(Member)

_THREAD = Hot(
    access.visible_threads(
        Thread.id, Thread.kind, Thread.title, Thread.marking, Thread.mask, Thread.author_id, Starter.name.label("author"),
        Thread.author_rank, Thread.author_class, Thread.author_agency, Thread.created_at, Thread.last_position, Thread.last_reply_at,
        Thread.pinned, Thread.locked_at, Thread.locked_by, Thread.lock_reason, Thread.answer_position, Thread.answered_at,
        Thread.answered_by, Thread.version, Thread.read_to, Thread.forum_id, practices.version_of(Thread.id).label("practice_version"),
        Forum.slug.label("forum_slug"), Forum.title.label("forum_title"), Forum.marking_floor, Forum.anonymous_ok, Forum.edit_hours,
        access.right_in(Thread.forum_id).label("right"),
        exists().where(Draft.member_id == ME, Draft.of == word("thread"), Draft.about_id == Thread.id).label("has_draft"),
        adoptions.number_of(Thread.id).label("adoptions"), polls.has_poll(Thread.id).label("has_poll"),
        practices.has_subject(Thread.id).label("has_subject"),
        Thread.also_ask,
        ((Thread.also_ask > 0) & exists().where(AlsoAsks.thread_id == Thread.id, AlsoAsks.member_id == ME)).label("asks_too"),
        ReadMark.position.label("mark"), ReadMark.read_at.label("marked_at"), Watch.level.label("watch"),
    )
    .join(Forum, Forum.id == Thread.forum_id)
    .join(Starter, Starter.id == Thread.author_id)
    .outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == ME))
    .outerjoin(Watch, (Watch.thread_id == Thread.id) & (Watch.member_id == ME))
    .where(Thread.id == bindparam("thread_id"))
)  # fmt: skip


def thread_for(conn: Connection, actor: Actor, thread_id: int) -> Row[Any]:
    """The thread, its forum, and the actor's right, mark and watch; NotFound unless it is visible to them."""
    row = _THREAD.first(conn, {"me": actor.member_id, "thread_id": thread_id})
    if row is None:
        raise NotFound
    return row


_LAST: Any = access.visible_threads(Thread.last_position).where(Thread.id == bindparam("thread_id"))


def last_position_of(conn: Connection, actor: Actor, thread_id: int) -> int | None:
    """None for a thread that the actor can't see."""
    found: int | None = conn.execute(_LAST, {"me": actor.member_id, "thread_id": thread_id}).scalar()
    return found


_IN_THREAD: Any = (Reply.thread_id == bindparam("thread_id")) & Reply.position.between(bindparam("first"), bindparam("last"))
_KEYS = Hot(
    select(
        Reply.id,
        Reply.position,
        Reply.version,
        Reply.author_id,
        Reply.mask,
        Member.version.label("author_version"),
        Reply.hidden_at,
        Reply.arrived_by,
        Reply.thanks,
        Reply.created_at,
    )
    .join(Member, Member.id == Reply.author_id)
    .where(_IN_THREAD)
    .order_by(Reply.position)
)
WHOLE: Any = (
    Reply.id, Reply.thread_id, Reply.position, Reply.author_id, Reply.mask, Member.name.label("author"), Reply.author_rank,
    Reply.author_class, Reply.author_agency, Reply.author_agency_id, Reply.author_size, Reply.body, Reply.html, Reply.version,
    Reply.created_at, Reply.edited_at, Reply.hidden_at, Reply.hidden_by, Reply.hidden_reason, Reply.thanks,
)  # fmt: skip
_WHOLE: Any = select(*WHOLE).join(Member, Member.id == Reply.author_id)
_BY_IDS: Any = _WHOLE.where(Reply.id.in_(bindparam("ids", expanding=True)))
_IN_ORDER: Any = _WHOLE.where(_IN_THREAD).order_by(Reply.position)


def keys(conn: Connection, thread_id: int, first: int, last: int) -> list[Row[Any]]:
    """What is needed to find a page's fragments: ids, positions and versions. The thread was reached through the actor."""
    return _KEYS.all(conn, {"thread_id": thread_id, "first": first, "last": last})


def by_ids(conn: Connection, ids: list[int]) -> list[Row[Any]]:
    return list(conn.execute(_BY_IDS, {"ids": ids}).all())


def between(conn: Connection, thread_id: int, first: int, last: int) -> list[Row[Any]]:
    """Whole messages of a thread that was reached through the actor."""
    return list(conn.execute(_IN_ORDER, {"thread_id": thread_id, "first": first, "last": last}).all())


def one(conn: Connection, thread_id: int, position: int) -> Row[Any]:
    rows = between(conn, thread_id, position, position)
    if not rows:
        raise NotFound
    return rows[0]


_READERS: Any = (
    select(Member.id, Member.name, Member.rank)
    .join(ThreadReader, ThreadReader.member_id == Member.id)
    .where(ThreadReader.thread_id == bindparam("thread_id"))
    .order_by(Member.name)
)


def readers(conn: Connection, thread_id: int) -> list[Row[Any]]:
    """The named readers of a TLP:RED thread that was reached through the actor."""
    return list(conn.execute(_READERS, {"thread_id": thread_id}).all())


_NAMEABLE: Any = (
    select(Member.id, Member.name, Member.rank)
    .where(Member.id.in_(access.members_of_forum(bindparam("forum_id"))), Member.id != bindparam("author_id"))
    .order_by(Member.name)
    .limit(500)
)


def nameable(conn: Connection, forum_id: int, author_id: int) -> list[Row[Any]]:
    """Who can be named as a reader of a RED thread in this forum; its author reads it anyway."""
    return list(conn.execute(_NAMEABLE, {"forum_id": forum_id, "author_id": author_id}).all())


def page_start(position: int) -> int:
    """The first position of the page that shows this one: 0, 20, 40, …"""
    return position // PAGE * PAGE


def page_end(start: int) -> int:
    return start + PAGE - 1
