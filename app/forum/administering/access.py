"""The second fence for the administration of forums: every forum's name and rules, which open none of its threads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.forum.models import Forum, Grant, GrantRight


def all_forums(actor: Actor, *columns: Any) -> Select[Any]:
    """Every forum, for administrators: its name and rules, which open none of its threads to them."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    return select(*(columns or (Forum,))).order_by(Forum.sort, Forum.id)


def forum_for_edit(session: Session, actor: Actor, forum_id: int) -> Forum:
    """The forum, locked until the transaction ends."""
    statement = all_forums(actor).where(Forum.id == forum_id).with_for_update()
    forum: Forum | None = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if forum is None:
        raise NotFound
    if not actor.may_write:
        raise Forbidden
    return forum


def grants_of(actor: Actor, forum_id: int) -> Select[Any]:
    """Group ids and rights in a forum, for administrators."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    columns: tuple[Any, ...] = (Grant.group_id, Grant.right, Grant.since)
    return select(*columns).where(Grant.forum_id == forum_id)


def forums_of_groups(actor: Actor, group_ids: list[int]) -> Select[Any]:
    """Forums that members of these groups see: what an administrator is told before a change."""
    granted_to = select(Grant.forum_id).where(Grant.group_id.in_(group_ids), Grant.right >= GrantRight.READ)
    return all_forums(actor, Forum.id, Forum.title).where(Forum.id.in_(granted_to), Forum.archived_at.is_(None))
