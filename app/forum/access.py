"""The second fence for forums, threads and replies: the list form, the check form and the template form of each rule, side by side.

A thread is visible to a member if one of their groups has a grant in its forum AND (it is not TLP:RED, or they wrote it, or they are
named as a reader). Nothing else decides: lists, counts, mail, search and exports all join these SELECTs. The rule is written in SQL
over the member's id, so that it holds at the moment of asking and for many members at once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from app.agencies import like
from app.agencies.models import Agency
from app.core.access import Actor, Right
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.hot import Hot
from app.core.sql import constant, word
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.models import Forum, Grant, GrantRight, ReadMark, Reply, Thread, ThreadReader
from app.forum.own.models import Draft
from app.forum.practices import access as practices
from app.membership.actors import CURRENT
from app.membership.models import GroupMember, Member, MemberClass

ME: Any = bindparam("me")
"""Stands for the member's id in statements that are built once."""


# Forums ---------------------------------------------------------------------------------------------------------------------


def granted(member: Any = ME, right: GrantRight = GrantRight.READ) -> Select[Any]:
    """The ids of the forums in which this member (an id, a bind or a column) holds at least this right."""
    return (
        select(Grant.forum_id)
        .join(GroupMember, GroupMember.group_id == Grant.group_id)
        .where(GroupMember.member_id == member, Grant.right >= right)
    )


def right_in(forum_id: Any, member: Any = ME) -> ColumnElement[int | None]:
    """The member's highest right in a forum as a scalar; NULL where there is none."""
    return (
        select(func.max(Grant.right))
        .join(GroupMember, GroupMember.group_id == Grant.group_id)
        .where(GroupMember.member_id == member, Grant.forum_id == forum_id)
        .scalar_subquery()
    )


def visible_forums(member: Any = ME) -> Select[Any]:
    """Forums in the association's order, with the member's own `right` in each."""
    mine = (
        select(Grant.forum_id, func.max(Grant.right).label("right"))
        .join(GroupMember, GroupMember.group_id == Grant.group_id)
        .where(GroupMember.member_id == member)
        .group_by(Grant.forum_id)
        .subquery()
    )
    columns = (Forum.id, Forum.slug, Forum.title, Forum.description, Forum.marking_floor, Forum.version, mine.c.right, Forum.anonymous_ok)
    return select(*columns).join(mine, mine.c.forum_id == Forum.id).where(Forum.archived_at.is_(None)).order_by(Forum.sort, Forum.id)


_FORUM = Hot(visible_forums().where(Forum.slug == bindparam("slug")))


def forum_for(conn: Connection | Session, actor: Actor, slug: str) -> Row[Any]:
    """The forum with this slug and the actor's `right` in it; NotFound where there is none for them."""
    row = _FORUM.first(conn, {"me": actor.member_id, "slug": slug})
    if row is None:
        raise NotFound
    return row


def may_open_thread(actor: Actor, right: int) -> bool:
    return actor.may_write and right >= GrantRight.POST


def require_open_thread(actor: Actor, right: int) -> None:
    if not may_open_thread(actor, right):
        raise Forbidden("You can read this forum, but not post in it.")


def may_open_notice(actor: Actor, right: int) -> bool:
    """Notices speak for the association or for the forum: its staff and the forum's moderators write them."""
    return actor.member_class == MemberClass.STAFF or may_moderate(actor, right)


# Threads --------------------------------------------------------------------------------------------------------------------


def is_readable(member: Any = ME) -> ColumnElement[bool]:
    """The RED rule alone: a TLP:RED thread is its author's and its named readers'. Moderators and administrators too must be named."""
    named = exists().where(ThreadReader.thread_id == Thread.id, ThreadReader.member_id == member)
    return or_(Thread.marking < Marking.RED, Thread.author_id == member, named, (Thread.mask > 0) & masks.is_asker(Thread.id, member))


def is_visible(member: Any = ME) -> ColumnElement[bool]:
    """The whole rule, as a condition on Thread."""
    return Thread.forum_id.in_(granted(member)) & is_readable(member)


def begun_at(agencies: Select[Any]) -> ColumnElement[bool]:
    """Whether a thread was begun at one of these agencies (their ids); a masked one was begun at none."""
    return exists().where(Reply.thread_id == Thread.id, Reply.position == 0, Reply.author_agency_id.in_(agencies))


def begun_like_mine(thread_id: Any) -> ColumnElement[bool]:
    """The same of one thread (a column), by the id of one's own agency, `my_agency`."""
    begun = select(Reply.id).join(Agency, Agency.id == Reply.author_agency_id).join(like.MINE, like.MINE.id == bindparam("my_agency"))
    return begun.where(Reply.thread_id == thread_id, Reply.position == 0, like.IS_LIKE_MINE).exists()


def latest_of(member: Any) -> Select[Any]:
    """The ids of the threads that a member wrote in last under their name: their latest 100 messages, read from the index alone."""
    latest = select(Reply.thread_id).where(Reply.author_id == member).order_by(Reply.id.desc()).limit(constant(100)).subquery()
    return select(latest.c.thread_id)


def visible_threads(*columns: Any, member: Any = ME) -> Select[Any]:
    """Threads this member may see."""
    return select(*(columns or (Thread,))).where(is_visible(member))


def readable_forums(member: Any = ME) -> Select[Any]:
    """Forums whose threads this member may see, archived ones too: what a search looks through."""
    columns: tuple[Any, ...] = (Forum.id, Forum.slug, Forum.title, Forum.version)
    return select(*columns).where(Forum.id.in_(granted(member))).order_by(Forum.sort, Forum.id)


def visible_red_threads(member: Any = ME) -> Select[Any]:
    """(id, forum_id) of the TLP:RED threads this member may see. A literal: a partial index serves it (models.py)."""
    return visible_threads(Thread.id, Thread.forum_id, member=member).where(Thread.marking == literal_column(str(int(Marking.RED))))


_THREAD = (
    visible_threads(Thread, Forum.slug.label("forum_slug"), right_in(Thread.forum_id).label("right"))
    .join(Forum, Forum.id == Thread.forum_id)
    .where(Thread.id == bindparam("thread_id"))
)
_THREAD_LOCKED = _THREAD.with_for_update(of=Thread)


def thread_for_act(session: Session, actor: Actor, thread_id: int) -> tuple[Thread, str, int]:
    """The thread, its forum's slug and the actor's right there, the row locked until the transaction ends; NotFound as above."""
    row = session.execute(_THREAD_LOCKED, {"me": actor.member_id, "thread_id": thread_id}).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]


_SEEN = visible_threads(
    Thread.id, Thread.kind, Thread.forum_id, Thread.marking, Thread.last_position, Thread.last_reply_at, Thread.locked_at, Thread.read_to,
    right_in(Thread.forum_id).label("right"),
    select(Forum.anonymous_ok).where(Forum.id == Thread.forum_id).scalar_subquery().label("anonymous_ok"),
).where(Thread.id == bindparam("thread_id"))  # fmt: skip
_BEFORE = aliased(Thread)
_FOR_REPLY = Hot(
    _SEEN.add_columns(
        Thread.version,
        select(_BEFORE.version).where(_BEFORE.id == Thread.id).scalar_subquery().label("version_before"),
        practices.subject_ids_of(Thread.id).label("subjects"),
        exists().where(Draft.member_id == ME, Draft.of == word("thread"), Draft.about_id == Thread.id).label("has_draft"),
        select(ReadMark.position).where(ReadMark.thread_id == Thread.id, ReadMark.member_id == ME).scalar_subquery().label("mark"),
    ).with_for_update(of=Thread)
)


def thread_seen(session: Session, actor: Actor, thread_id: int) -> Row[Any]:
    """What an act on one's own marks needs of a visible thread; NotFound otherwise."""
    row = session.connection().execute(_SEEN, {"me": actor.member_id, "thread_id": thread_id}).first()
    if row is None:
        raise NotFound
    return row


def sees_thread(session: Session, actor: Actor, thread_id: int) -> bool:
    return session.connection().execute(_SEEN, {"me": actor.member_id, "thread_id": thread_id}).first() is not None


def thread_for_reply(session: Session, actor: Actor, thread_id: int) -> Row[Any]:
    """The same with the thread's row locked, so that replies to one thread come one after the other; and what a reply changes of it."""
    values = {"me": actor.member_id, "thread_id": thread_id}
    row = _FOR_REPLY.first(session, values)
    if row is not None and row.version != row.version_before:
        # PostgreSQL waited for it, and gives the row as it is now, but what stands beside it (its subjects) as it was before.
        row = _FOR_REPLY.first(session, values)
    if row is None:
        raise NotFound
    return row


def may_moderate(actor: Actor, right: int) -> bool:
    return actor.may(Right.MODERATE) and actor.may_write and right >= GrantRight.MODERATE


def require_moderate(actor: Actor, right: int) -> None:
    if not may_moderate(actor, right):
        raise Forbidden("Only this forum's moderators can do that.")


def may_mark(actor: Actor, right: int, *, is_own: bool) -> bool:
    """Who changes a thread's marking: its author, in either direction, and the forum's moderators, towards stricter alone (H1)."""
    return may_moderate(actor, right) or (is_own and actor.may_write)


def require_mark(actor: Actor, right: int, *, is_own: bool) -> None:
    if not may_mark(actor, right, is_own=is_own):
        raise Forbidden("Only this forum's moderators and the thread's author can do that.")


def may_answer(actor: Actor, right: int, *, is_own: bool) -> bool:
    """Who says which reply is the answer: the asker and the forum's moderators."""
    return may_moderate(actor, right) or (is_own and actor.may_write)


def require_answer(actor: Actor, right: int, *, is_own: bool) -> None:
    if not may_answer(actor, right, is_own=is_own):
        raise Forbidden("Only who asked and this forum's moderators can do that.")


def may_reply(actor: Actor, right: int, *, locked: bool) -> bool:
    return may_open_thread(actor, right) and (not locked or may_moderate(actor, right))


def require_reply(actor: Actor, right: int, *, locked: bool) -> None:
    require_open_thread(actor, right)
    if locked and not may_moderate(actor, right):
        raise Conflict("This thread is locked: nobody can reply to it now.")


# Replies --------------------------------------------------------------------------------------------------------------------

_REPLY = select(Reply).where(Reply.thread_id == bindparam("thread_id"), Reply.position == bindparam("position"))


def reply_for_act(session: Session, thread: Thread, position: int) -> Reply:
    """A message of a thread that was reached through the actor."""
    reply = session.execute(_REPLY, {"thread_id": thread.id, "position": position}).scalar_one_or_none()
    if reply is None:
        raise NotFound
    return reply


def require_edit(actor: Actor, right: int, reply: Reply | Row[Any], *, is_own: bool, locked: bool) -> None:
    if not is_own:
        raise Forbidden("Only its author can edit a message.")
    require_reply(actor, right, locked=locked)
    if reply.hidden_at is not None:
        raise Conflict("A moderator has hidden this message.")


def may_see_hidden(actor: Actor, right: int, *, is_own: bool) -> bool:
    """What a hidden message said: its author and the forum's moderators. The same people see a message's earlier versions."""
    return is_own or may_moderate(actor, right)


def require_see_history(actor: Actor, right: int, reply: Row[Any], *, is_own: bool) -> None:
    """Everyone who reads a thread may read how a message was edited, but a hidden one's text is its author's and the moderators'."""
    if reply.hidden_at is not None and not may_see_hidden(actor, right, is_own=is_own):
        raise Forbidden("A moderator has hidden this message.")


# Named readers --------------------------------------------------------------------------------------------------------------


def members_of_forum(forum_id: Any) -> Select[Any]:
    """The ids of current members whose group has the forum's grant: only they can be named as readers of a RED thread."""
    granted_groups = select(Grant.group_id).where(Grant.forum_id == forum_id)
    statement = select(GroupMember.member_id).join(Member, Member.id == GroupMember.member_id)
    return statement.where(GroupMember.group_id.in_(granted_groups), Member.status.in_(CURRENT))


def moderates_anything(member: Any) -> ColumnElement[bool]:
    """Whether the member moderates any forum: what `Right.MODERATE` stands for."""
    return exists().where(GroupMember.member_id == member, Grant.group_id == GroupMember.group_id, Grant.right >= GrantRight.MODERATE)
