"""The message that is mailed, as it stands at this moment, and what mail may say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from app.forum.markings import Marking
from app.forum.models import Forum, Reply, Thread
from app.forum.telling import access
from app.membership.models import Member

_MESSAGE = access.message_at(
    Reply.id, Reply.thread_id, Reply.position, Reply.version, Reply.author_id, Reply.body, Reply.author_rank, Reply.author_class,
    Reply.author_agency, Member.name, Thread.author_id.label("starter"), Reply.mask, Thread.mask.label("starter_mask"),
    Thread.kind, Thread.title, Thread.marking,
    Thread.version.label("thread_version"),
    Forum.id.label("forum_id"), Forum.slug, Forum.title.label("forum"), Forum.mail_most,
)  # fmt: skip


def message(conn: Connection, thread_id: int, position: int) -> Row[Any] | None:
    """The message with its thread and forum, for nobody yet; None where it no longer stands."""
    return conn.execute(_MESSAGE, {"thread": thread_id, "position": position}).first()


def print_of(row: Row[Any]) -> list[int]:
    """What a mail that was made of it must be made anew for."""
    return [row.version, row.thread_version, row.marking]


@dataclass(frozen=True, slots=True)
class Place:
    """What mail says of where it is: the same for all of a thread."""

    marking: Marking
    is_open: bool  # title and words may be mailed at all (M6)


def place_of(row: Row[Any]) -> Place:
    marking = Marking(row.marking)
    return Place(marking, marking.may_be_mailed)
