"""What members answered when they were asked whether all is as it was, and what reviewers made of it."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Says(enum.StrEnum):
    SAME = "same"
    MOVED = "moved"
    RETIRED = "retired"
    LEFT = "left"


class ConfirmationState(enum.StrEnum):
    RENEWED = "renewed"  # by the member's word and one other signal, or by a reviewer
    NOTED = "noted"  # they are there, and nothing more was asked
    WAITING = "waiting"  # for a reviewer
    PAUSED = "paused"  # a reviewer could not confirm it
    REPLACED = "replaced"  # the member answered once more


class Confirmation(Base):
    """One answer. It is kept: who was confirmed when, by what, and by whom."""

    __tablename__ = "confirmations"
    __table_args__ = (Index("ix_confirmations_state_id", "state", "id"), Index("ix_confirmations_member_id", "member_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    says: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")  # what has changed, in the member's own words
    signal: Mapped[str] = mapped_column(String(20), default="")  # what else speaks for it: signals.py
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    settled_name: Mapped[str] = mapped_column(String(200), default="")
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
