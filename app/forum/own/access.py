"""The second fence for what is a member's own: their rows alone, and of those about a thread the ones that they may see now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import NotFound
from app.forum import access
from app.forum.access import ME
from app.forum.models import Forum, Reply, Thread
from app.forum.own.models import Bookmark, Draft, DraftOf, Thanks
from app.membership.models import Member

MOST_LISTED = 200


def bookmarks(actor: Actor) -> Select[Any]:
    """The actor's bookmarks of threads that they may see, the newest first."""
    columns: tuple[Any, ...] = (
        Bookmark.thread_id, Bookmark.at, Bookmark.remind_at, Thread.title, Thread.marking, Thread.kind, Forum.title.label("forum"),
    )  # fmt: skip
    statement = select(*columns).join(Thread, Thread.id == Bookmark.thread_id).join(Forum, Forum.id == Thread.forum_id)
    mine = (Bookmark.member_id == actor.member_id, access.is_visible(actor.member_id))
    return statement.where(*mine).order_by(Bookmark.at.desc(), Bookmark.thread_id.desc()).limit(MOST_LISTED)


def bookmark_of(session: Session, member_id: int, thread_id: int) -> Bookmark | None:
    return session.get(Bookmark, (member_id, thread_id))


def reminded(session: Session, member_id: int, thread_id: int, at: dt.datetime) -> bool:
    """Whether a reminder that was asked for at this time still is, about a thread that the member may see."""
    statement = access.visible_threads(Thread.id, member=member_id).join(Bookmark, Bookmark.thread_id == Thread.id)
    mine = (Bookmark.member_id == member_id, Bookmark.thread_id == thread_id, Bookmark.remind_at == at)
    return session.execute(statement.where(*mine)).first() is not None


# Drafts ---------------------------------------------------------------------------------------------------------------------


def place_of(conn: Connection | Session, actor: Actor, key: str) -> tuple[DraftOf, int]:
    """What a key ("forum-patrol", "thread-12") names, if the actor may see it; NotFound otherwise."""
    of, _, rest = key.partition("-")
    if of == DraftOf.FORUM:
        return DraftOf.FORUM, int(access.forum_for(conn, actor, rest).id)
    if of == DraftOf.THREAD and rest.isdecimal() and len(rest) < 10:
        found = conn.execute(access.visible_threads(Thread.id, member=actor.member_id).where(Thread.id == int(rest))).scalar()
        if found is not None:
            return DraftOf.THREAD, int(found)
    raise NotFound


_DRAFT: Any = select(Draft.title, Draft.body, Draft.fields, Draft.files, Draft.saved_at).where(
    Draft.member_id == ME, Draft.of == bindparam("of"), Draft.about_id == bindparam("about")
)


def draft_of(conn: Connection | Session, actor: Actor, of: DraftOf, about_id: int) -> Row[Any] | None:
    """What the actor has begun to write for this place."""
    return conn.execute(_DRAFT, {"me": actor.member_id, "of": of, "about": about_id}).first()


def drafts(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """All of the actor's, the newest first: also for a place that was closed to them since, whose name they don't see then."""
    me = actor.member_id
    forums, threads = access.visible_forums(me).subquery(), access.visible_threads(Thread.id, Thread.title, member=me).subquery()
    columns: tuple[Any, ...] = (
        Draft.of, Draft.about_id, Draft.title, Draft.body, Draft.fields, Draft.files, Draft.saved_at, forums.c.slug,
        forums.c.title.label("forum"), threads.c.title.label("thread"),
    )  # fmt: skip
    statement = (
        select(*columns)
        .outerjoin(forums, (Draft.of == DraftOf.FORUM) & (forums.c.id == Draft.about_id))
        .outerjoin(threads, (Draft.of == DraftOf.THREAD) & (threads.c.id == Draft.about_id))
        .where(Draft.member_id == me)
    )
    return list(conn.execute(statement.order_by(Draft.saved_at.desc()).limit(MOST_LISTED)).all())


def is_drafted(attachment_id: Any, uploaded_by: Any) -> ColumnElement[bool]:
    """Whether a file stands in a draft of whoever sent it, for the worker's statements about files."""
    return exists().where(Draft.member_id == uploaded_by, Draft.files.like("%," + cast(attachment_id, String) + ",%"))


def count_drafts(session: Session, actor: Actor) -> int:
    return int(session.execute(select(func.count()).select_from(Draft).where(Draft.member_id == actor.member_id)).scalar_one())


# Thanks ---------------------------------------------------------------------------------------------------------------------


def thanked_on(conn: Connection, actor: Actor, thread_id: int, first: int, last: int) -> set[int]:
    """Positions of a thread, which was reached through the actor, whose messages helped them."""
    statement = select(Reply.position).join(Thanks, Thanks.reply_id == Reply.id)
    mine = (Reply.thread_id == thread_id, Reply.position.between(first, last), Reply.thanks > 0, Thanks.member_id == actor.member_id)
    return set(conn.execute(statement.where(*mine)).scalars())


def who_thanked(conn: Connection, reply_id: int) -> list[Row[Any]]:
    """For the author of a message that was reached through them."""
    columns: tuple[Any, ...] = (Member.id, Member.name, Member.rank, Thanks.at)
    statement = select(*columns).join(Thanks, Thanks.member_id == Member.id).where(Thanks.reply_id == reply_id)
    return list(conn.execute(statement.order_by(Thanks.at.desc()).limit(MOST_LISTED)).all())


def has_begun_in(forum_id: int) -> ColumnElement[bool]:
    """Whether the member `me` has begun a thread in this forum under their name."""
    return exists().where(Thread.author_id == ME, Thread.forum_id == forum_id)
