"""Who agreed to be asked and about what; whom a question went to; what came of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Askable(Base):
    """A member's word on whether they may be asked, and when they were: the last time and the time before it. A third question within a
    week of `before_at` finds no row to change (going_round.py), however many ask at that moment. Who changes their mind keeps the row."""

    __tablename__ = "askable_members"
    __table_args__ = (Index("ix_askable_members_may_ask", "may_ask", "member_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, autoincrement=False)
    may_ask: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    before_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class MemberSubject(Base):
    """What a member says they know about."""

    __tablename__ = "member_subjects"
    __table_args__ = (Index("ix_member_subjects_subject_id", "subject_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), primary_key=True)


class Asked(Base):
    """That a question went to a member, in which round, and by which subject; without one it was by their agency."""

    __tablename__ = "asked_members"
    __table_args__ = (Index("ix_asked_members_member_id", "member_id", "at"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Course(Base):
    """A question's way: when it went round, when once more, and what its asker said of it in the end. It holds no asker."""

    __tablename__ = "question_courses"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True, autoincrement=False)
    first_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    again_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outcome_asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(300), default="", server_default="")
    outcome_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
