"""Who is behind a masked message: kept here and nowhere else."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, ForeignKeyConstraint, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime

ASKER = 1
"""The number of whoever began a masked thread; in a thread that was begun under a name nobody has it."""


class Mask(Base):
    """A member's number in a thread: the messages with that number are theirs. Nothing else in the database says so."""

    __tablename__ = "masks"
    __table_args__ = (UniqueConstraint("thread_id", "number"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger)


class Unmasking(Base):
    """That an officer wants to know who is behind a mask, and that a second one agreed. Only then is anybody told."""

    __tablename__ = "unmaskings"
    __table_args__ = (ForeignKeyConstraint(["thread_id", "number"], ["masks.thread_id", "masks.number"]),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int]
    number: Mapped[int] = mapped_column(SmallInteger)
    position: Mapped[int]  # of the message that it was asked at
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    asked_name: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    second_reason: Mapped[str] = mapped_column(Text, default="")
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    agreed_name: Mapped[str] = mapped_column(String(200), default="")
    agreed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
