"""Forums, grants, threads and replies, and what each reader keeps about them."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime
from app.forum.markings import Marking


class ThreadKind(enum.StrEnum):
    LESSON = "lesson"
    QUESTION = "question"
    DISCUSSION = "discussion"
    NOTICE = "notice"


class GrantRight(enum.IntEnum):
    """A group's right in a forum; each holds those before it."""

    READ = 1
    POST = 2
    MODERATE = 3


class WatchLevel(enum.StrEnum):
    MUTE = "mute"
    NORMAL = "normal"
    WATCH = "watch"
    EACH = "each"


FROM_ARCHIVE = "archive"
"""Stands for the class of an author who is no member: the message came from an old list's archive, and their name is in `author_agency`."""


class Forum(Base):
    """`version` is bumped by every act that may change what anyone counts as unread here."""

    __tablename__ = "forums"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(500), default="")
    sort: Mapped[int] = mapped_column(default=0)
    marking_floor: Mapped[int | None] = mapped_column(SmallInteger)  # a Marking; none: any marking may be chosen
    anonymous_ok: Mapped[bool] = mapped_column(default=False)
    mail_most: Mapped[str] = mapped_column(String(10), default="full", server_default="full")  # the most a mail may hold: mail's Detail
    mail_threads: Mapped[bool] = mapped_column(default=False, server_default=false())  # new threads by mail, held until confirmed
    export_ok: Mapped[bool] = mapped_column(default=False, server_default=false())  # its lessons may go out as a file
    edit_hours: Mapped[int | None] = mapped_column(default=24, server_default="24")  # how long a message may be edited; none: always
    archived_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Grant(Base):
    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_forum_id", "forum_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    forum_id: Mapped[int] = mapped_column(ForeignKey("forums.id"), primary_key=True)
    right: Mapped[int] = mapped_column(SmallInteger)  # a GrantRight
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=clock.now)  # of any right: what is older is not mailed


# The same words as queries/threads.py asks with: only then does the index serve.
_UNANSWERED = text("kind = 'question' AND answer_position IS NULL")
_UNREPLIED = text("kind = 'question' AND last_position = 0")
_LESSON = text("kind = 'lesson'")
_RED = text("marking = 4")


class Thread(Base):
    """`last_position` is that of its newest reply (0: only the opening message), so it is also the number of replies.

    Messages up to `read_to` count as read by everyone who has no mark in the thread: an old list's archive is news to nobody."""

    __tablename__ = "threads"
    __table_args__ = (
        Index("ix_threads_active", "forum_id", "pinned", "last_reply_at", "id"),
        Index("ix_threads_newest", "forum_id", "created_at", "id"),
        Index("ix_threads_last_reply_at", "last_reply_at", "id"),
        Index("ix_threads_author_id", "author_id"),
        Index("ix_threads_unanswered", "created_at", "id", sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED),
        Index("ix_threads_unreplied", "created_at", "id", sqlite_where=_UNREPLIED, postgresql_where=_UNREPLIED),
        Index("ix_threads_lessons", "created_at", "id", sqlite_where=_LESSON, postgresql_where=_LESSON),
        Index("ix_threads_red", "forum_id", "id", sqlite_where=_RED, postgresql_where=_RED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    forum_id: Mapped[int] = mapped_column(ForeignKey("forums.id"))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    marking: Mapped[int] = mapped_column(SmallInteger, default=Marking.GREEN)
    author_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    author_rank: Mapped[str] = mapped_column(String(100), default="")  # rank, class and agency as they were at posting
    author_class: Mapped[str] = mapped_column(String(10), default="")
    author_agency: Mapped[str] = mapped_column(String(100), default="")
    mask: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # 1: begun without a name; the author is nobody (masks/)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_position: Mapped[int] = mapped_column(default=0)
    last_reply_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_reply_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    read_to: Mapped[int] = mapped_column(default=-1, server_default="-1")
    pinned: Mapped[bool] = mapped_column(default=False)
    locked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    locked_by: Mapped[str] = mapped_column(String(200), default="")
    lock_reason: Mapped[str] = mapped_column(Text, default="")
    answer_position: Mapped[int | None]  # of a question: the reply that was accepted
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str] = mapped_column(String(200), default="", server_default="")  # "the asker", or a moderator
    version: Mapped[int] = mapped_column(default=1)
    also_ask: Mapped[int] = mapped_column(default=0, server_default="0")  # of a question: how many members ask it too (own/)


class Reply(Base):
    """A message of a thread, the opening one at position 0. `html` is rendered and sanitised when it is written."""

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("thread_id", "position"),
        Index("ix_replies_author_id", "author_id", "id", "thread_id"),
        Index("ix_replies_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    position: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    author_rank: Mapped[str] = mapped_column(String(100), default="")
    author_class: Mapped[str] = mapped_column(String(10), default="")
    author_agency: Mapped[str] = mapped_column(String(100), default="")
    author_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    author_size: Mapped[str] = mapped_column(String(20), default="")  # the size band, "10-24 sworn"
    mask: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # the author's number in the thread; 0: under their name
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int] = mapped_column(SmallInteger, default=1)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    hidden_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    hidden_by: Mapped[str] = mapped_column(String(200), default="")
    hidden_reason: Mapped[str] = mapped_column(Text, default="")
    thanks: Mapped[int] = mapped_column(default=0, server_default="0")  # how many members it helped (own/)
    arrived_by: Mapped[str] = mapped_column(String(10), default="", server_default="")  # "mail": its author may see what was cut


class ReplyRevision(Base):
    """What a message said before an edit: version n is what stood until version n+1 was written. One that was struck is kept for the
    record, and out of members' view."""

    __tablename__ = "reply_revisions"

    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    written_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    replaced_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    struck_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    struck_by: Mapped[str] = mapped_column(String(200), default="", server_default="")  # "its author", or a moderator
    strike_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class ThreadReader(Base):
    """Who may read a TLP:RED thread besides its author. Only someone whose group has the forum's grant can be named."""

    __tablename__ = "thread_readers"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)


class ReadMark(Base):
    """How far a member has read in a thread: the position of the last message that was shown to them."""

    __tablename__ = "read_marks"
    __table_args__ = (Index("ix_read_marks_thread_id", "thread_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    position: Mapped[int]
    read_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Watch(Base):
    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_thread_id", "thread_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
