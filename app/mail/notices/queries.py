"""A member's notifications, the newest first, with the words of what they are about read through the forum's fence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import aliased

from app.core.access import Actor
from app.forum.models import Reply, Thread
from app.mail.notices import access, kinds
from app.mail.notices.access import N
from app.mail.notices.kinds import Kind
from app.mail.words import by_line
from app.membership.models import Member

Author = aliased(Member)
_LIST: Any = (
    access.visible_notifications(
        N.id, N.kind, N.thread_id, N.position, N.text, N.path, N.at, Thread.title, Thread.marking, Reply.author_rank,
        Reply.author_class, Reply.author_agency, Author.name.label("author"), Reply.hidden_at,
    )
    .outerjoin(Reply, (Reply.thread_id == N.thread_id) & (Reply.position == N.position))
    .outerjoin(Author, Author.id == Reply.author_id)
    .where(N.id < bindparam("before"))
    .order_by(N.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
END = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Told:
    """A notification as it is shown. `text` says it in a line; `marking` is the thread's, before it."""

    id: int
    kind: Kind
    thread_id: int | None
    position: int | None
    text: str
    path: str
    at: dt.datetime
    read: bool
    marking: int | None

    def shape(self) -> dict[str, Any]:
        """As JSON gives it."""
        return {
            "id": self.id, "kind": self.kind.name, "thread": self.thread_id, "position": self.position, "text": self.text, "at": self.at,
            "read": self.read,
        }  # fmt: skip


def told(conn: Connection, actor: Actor, before: int | None, limit: int) -> tuple[list[Told], int | None]:
    """A page of them, and where the next one begins."""
    rows = conn.execute(_LIST, {"me": actor.member_id, "before": before or END, "limit": limit + 1}).all()
    return [_told(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None


def _told(row: Row[Any]) -> Told:
    kind = kinds.named(row.kind)
    path = row.path or (f"/threads/{row.thread_id}/replies/{row.position}" if row.thread_id else "/notifications")
    text = row.text or _line(row)
    return Told(row.id, kind, row.thread_id, row.position, text, path, row.at, bool(row.is_read), row.marking)


def _line(row: Row[Any]) -> str:
    if row.author is None or row.hidden_at is not None:
        return f"A message in “{row.title}” was taken away"
    did = {"mention": "mentioned you", "quote": "quoted you"}.get(row.kind, "replied")
    return f"{by_line(row, row.author)} {did} in “{row.title}”"


_COUNT: Any = select(access.unread(bindparam("me")))


def unread(conn: Connection, actor: Actor) -> int:
    """How many are unread, a hundred at the most."""
    return int(conn.execute(_COUNT, {"me": actor.member_id}).scalar_one())
