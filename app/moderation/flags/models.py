"""A report of a message, and what became of it."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class FlagReason(enum.StrEnum):
    """CJI comes first: it alone takes the message out of view before anybody has looked."""

    CJI = "cji"
    MARKING = "marking"
    CONDUCT = "conduct"
    SELLING = "selling"
    OTHER = "other"


class FlagState(enum.StrEnum):
    OPEN = "open"
    HIDDEN = "hidden"
    DISMISSED = "dismissed"


_OPEN = text("state = 'open'")


class Flag(Base):
    """One member's report of one message. `kept_title`: the thread's, where a report of CJI took it out of view with the message."""

    __tablename__ = "flags"
    __table_args__ = (
        UniqueConstraint("reply_id", "flagged_by"),
        Index("ix_flags_open", "at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_flags_flagged_by", "flagged_by", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    position: Mapped[int]
    reason: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    flagged_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    took_out: Mapped[bool] = mapped_column(default=False)  # by this report the message went out of view
    kept_title: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10), default=FlagState.OPEN)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    resolved_name: Mapped[str] = mapped_column(String(200), default="")
    resolved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    resolution: Mapped[str] = mapped_column(Text, default="")  # the moderator's reason
