"""The second fence for reports: moderators reach those of threads that they see in forums that they moderate; who reported, nothing more
than that they did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.forum import access as forum
from app.forum.models import Forum, Grant, GrantRight, Reply, Thread
from app.membership.actors import CURRENT
from app.membership.models import GroupMember, Member
from app.moderation.flags.models import Flag, FlagState

MOST_LISTED = 100
Reporter, Author = aliased(Member), aliased(Member)
_SHOWN: tuple[Any, ...] = (
    Flag.id, Flag.thread_id, Flag.position, Flag.reason, Flag.note, Flag.at, Flag.took_out, Flag.state,
    Reporter.name.label("reporter"), Reporter.rank.label("reporter_rank"), Author.name.label("author"), Reply.author_rank,
    Reply.author_agency, Reply.mask, Reply.body, Reply.hidden_at, Thread.title, Thread.marking, Forum.title.label("forum"),
)  # fmt: skip


def visible_flags(actor: Actor, *columns: Any) -> Select[Any]:
    if not actor.may(Right.MODERATE):
        raise NotFound
    me = actor.member_id
    moderated = forum.granted(me, GrantRight.MODERATE)
    statement = select(*(columns or (Flag,))).join(Thread, Thread.id == Flag.thread_id)
    return statement.where(Thread.forum_id.in_(moderated), forum.is_readable(me))


def open_flags(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """The longest waiting first, those that took a message out of view before all others."""
    statement = (
        visible_flags(actor, *_SHOWN)
        .join(Reply, Reply.id == Flag.reply_id)
        .join(Forum, Forum.id == Thread.forum_id)
        .join(Reporter, Reporter.id == Flag.flagged_by)
        .join(Author, Author.id == Reply.author_id)
        .where(Flag.state == FlagState.OPEN)
    )
    return list(conn.execute(statement.order_by(Flag.took_out.desc(), Flag.at, Flag.id).limit(MOST_LISTED)).all())


def flag_for_act(session: Session, actor: Actor, flag_id: int) -> Flag:
    """Locked; NotFound for who doesn't moderate there."""
    statement = visible_flags(actor).where(Flag.id == flag_id).with_for_update(of=Flag)
    flag: Flag | None = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if flag is None:
        raise NotFound
    if not actor.may_write:
        raise Forbidden("You may read this, but not decide it.")
    return flag


def others_of(session: Session, flag: Flag) -> list[Flag]:
    """The other open reports of the same message: one decision answers all of them."""
    statement = select(Flag).where(Flag.reply_id == flag.reply_id, Flag.state == FlagState.OPEN, Flag.id != flag.id)
    return list(session.execute(statement.with_for_update()).scalars())


def flagged(session: Session, actor: Actor, reply_id: int) -> bool:
    return session.execute(select(Flag.id).where(Flag.reply_id == reply_id, Flag.flagged_by == actor.member_id)).first() is not None


def taken_out_by(session: Session, actor: Actor, since: dt.datetime) -> int:
    """How many messages this member's reports took out of view lately."""
    mine = (Flag.flagged_by == actor.member_id, Flag.took_out, Flag.at > since)
    return int(session.execute(select(func.count()).select_from(Flag).where(*mine)).scalar_one())


def moderators_of(session: Session, forum_id: int) -> list[int]:
    groups = select(Grant.group_id).where(Grant.forum_id == forum_id, Grant.right >= GrantRight.MODERATE)
    statement = select(GroupMember.member_id).join(Member, Member.id == GroupMember.member_id)
    return list(session.execute(statement.where(GroupMember.group_id.in_(groups), Member.status.in_(CURRENT)).distinct()).scalars())


def is_flagged(session: Session, reply_id: int) -> bool:
    """Whether a report hangs on a message: then its author can't take it back."""
    return session.execute(select(Flag.id).where(Flag.reply_id == reply_id).limit(1)).first() is not None
