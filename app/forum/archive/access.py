"""What is here of a forum's old archive: for the import alone, which acts as an administrator."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.forum.administering.access import all_forums
from app.forum.archive.models import ArchiveMessage
from app.forum.models import Forum, Thread

CHUNK = 500


def forum_for(conn: Connection, actor: Actor, slug: str) -> Row[Any]:
    """The forum with this slug, whose archive is taken in."""
    row = conn.execute(all_forums(actor, Forum.id, Forum.slug, Forum.marking_floor).where(Forum.slug == slug)).first()
    if row is None:
        raise NotFound(f"There is no forum with the address {slug}.")
    return row


def known(conn: Connection, actor: Actor, forum_id: int, keys: list[bytes]) -> dict[bytes, Row[Any]]:
    """Of these messages those that are here, or known from others that answer them: `thread_id`, and `reply_id` of what is here."""
    actor.require(Right.ADMIN)
    a = ArchiveMessage
    found: dict[bytes, Row[Any]] = {}
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        columns: tuple[Any, ...] = (a.key, a.thread_id, a.reply_id)
        for row in conn.execute(select(*columns).where(a.forum_id == forum_id, a.key.in_(some))):
            found[row.key] = row
    return found


def threads_to_grow(session: Session, actor: Actor, ids: list[int]) -> dict[int, Thread]:
    """Threads that get more of the archive's messages, locked until the transaction ends, always in the same order."""
    actor.require(Right.ADMIN)
    statement = select(Thread).where(Thread.id.in_(ids)).order_by(Thread.id).with_for_update()
    return {thread.id: thread for thread in session.execute(statement.execution_options(populate_existing=True)).scalars()}
