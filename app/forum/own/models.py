"""A member's own thanks, bookmarks and drafts."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Thanks(Base):
    """A message helped this member. How many there are stands on the message, so that a page counts none."""

    __tablename__ = "thanks"
    __table_args__ = (Index("ix_thanks_member_id", "member_id"),)

    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class AlsoAsks(Base):
    """A member asks what this question asks, too. How many there are stands on the thread."""

    __tablename__ = "also_ask"
    __table_args__ = (Index("ix_also_ask_member_id", "member_id"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Bookmark(Base):
    """A thread that a member wants to find again, and perhaps be reminded of."""

    __tablename__ = "bookmarks"
    __table_args__ = (Index("ix_bookmarks_newest", "member_id", "at"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class DraftOf(enum.StrEnum):
    """What a draft is to become: a thread in a forum, or a reply in a thread."""

    FORUM = "forum"
    THREAD = "thread"


class Draft(Base):
    """What is not sent yet: one draft for each place. `fields` holds, by their names, the values of the composer's other fields as they
    stood; `files` the ids of uploads in no message yet, each between commas (",12,7,"), so that a statement can look for one."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_newest", "member_id", "saved_at"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    of: Mapped[str] = mapped_column(String(10), primary_key=True)
    about_id: Mapped[int] = mapped_column(primary_key=True)  # the forum's id, or the thread's
    title: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default="{}")
    files: Mapped[str] = mapped_column(Text, default="", server_default="")
    saved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
