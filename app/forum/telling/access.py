"""Who may hear of a message: the second fence for what is told to many members about one message, by mail or on the site."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.access import Actor
from app.forum.access import is_visible, right_in, visible_forums
from app.forum.models import Forum, Reply, Thread
from app.membership.actors import CURRENT
from app.membership.models import Member


def message_at(*columns: Any) -> Select[Any]:
    """The message of `thread` at `position` as it stands now, with its thread and forum, for nobody yet: whoever is told of it is asked
    for by `hearers` before a word of it leaves. No row where it is hidden, or its forum closed."""
    return (
        select(*columns)
        .join(Thread, Thread.id == Reply.thread_id)
        .join(Forum, Forum.id == Thread.forum_id)
        .join(Member, Member.id == Reply.author_id)
        .where(
            Reply.thread_id == bindparam("thread"),
            Reply.position == bindparam("position"),
            Reply.hidden_at.is_(None),
            Forum.archived_at.is_(None),
        )
    )


_PLACE = select(Reply.thread_id, Reply.position).where(Reply.id == bindparam("message"))


def place_of(conn: Connection, message_id: int) -> tuple[int, int] | None:
    """Where a message stands now, for nobody yet."""
    row = conn.execute(_PLACE, {"message": message_id}).first()
    return (row[0], row[1]) if row is not None else None


def hearers(*columns: Any) -> Select[Any]:
    """Current members who may see `thread`, each with their highest `right` in its forum. To be narrowed to those who want to hear."""
    return (
        select(*columns, right_in(Thread.forum_id, Member.id).label("right"))
        .select_from(Member)
        .join(Account, Account.id == Member.id)
        .join(Thread, Thread.id == bindparam("thread"))
        .where(Member.status.in_(CURRENT), Account.disabled_at.is_(None), is_visible(Member.id))
    )


_BY_MAIL = select(Forum.id).where(Forum.slug == bindparam("slug"), Forum.mail_threads, Forum.archived_at.is_(None))
_RIGHT = visible_forums().where(Forum.id == bindparam("forum"))


def forum_by_mail(conn: Connection, slug: str) -> int | None:
    """The forum that takes new threads by mail at an address with this slug, for nobody yet."""
    return conn.execute(_BY_MAIL, {"slug": slug}).scalar_one_or_none()


def forum_right(conn: Connection | Session, actor: Actor, forum_id: int | None) -> Row[Any] | None:
    """The forum with the actor's `right` in it; None where there is none for them."""
    return conn.execute(_RIGHT, {"me": actor.member_id, "forum": forum_id}).first()
