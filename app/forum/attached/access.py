"""Whether somebody may have a file of a message now: the message's own rule, asked at each look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update
from sqlalchemy.orm import Session

from app.attachments import access as attachments
from app.attachments.owners import Seen
from app.core.access import Actor
from app.forum import access, listening
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.models import Reply, Thread

MESSAGE = "reply"
_MESSAGE: Any = (
    access.visible_threads(
        Thread.id, Thread.marking, access.right_in(Thread.forum_id).label("right"), Reply.author_id, Reply.mask, Reply.hidden_at,
    )
    .join(Reply, Reply.thread_id == Thread.id)
    .where(Reply.id == bindparam("reply_id"))
)  # fmt: skip
_LOOKS_ANEW = update(Reply.__table__).where(Reply.id == bindparam("reply_id")).values(version=Reply.version + 1)  # type: ignore[arg-type]


class Messages:
    """What attachments ask of the forum."""

    def seen(self, conn: Connection, actor: Actor, owner_id: int) -> Seen | None:
        row = conn.execute(_MESSAGE, {"me": actor.member_id, "reply_id": owner_id}).first()
        if row is None:
            return None
        if row.hidden_at is not None and not access.may_see_hidden(actor, row.right, is_own=masks.is_own(conn, actor, row.id, row)):
            return None
        return Seen(("thread", row.id), Marking(row.marking).label if row.marking >= Marking.AMBER_STRICT else "")

    def changed(self, session: Session, owner_id: int) -> None:
        """The message's fragment shows how it stands with its files."""
        session.connection().execute(_LOOKS_ANEW, {"reply_id": owner_id})
        listening.messages_changed(session, [owner_id])


def ids_of(session: Session, reply_id: int) -> list[int]:
    """The ids of a message's files, which was reached through the actor, in order."""
    return [row.id for row in attachments.of_owners(session.connection(), MESSAGE, [reply_id]).get(reply_id, ())]


def of_messages(conn: Connection, reply_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """The files of messages that were reached through the actor."""
    return attachments.of_owners(conn, MESSAGE, reply_ids)
