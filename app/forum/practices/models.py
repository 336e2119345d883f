"""The practice record of a lesson, with what it said before, and the association's list of subjects."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Again(enum.StrEnum):
    """Would they do it again?"""

    YES = "yes"
    WITH_CHANGES = "with_changes"
    NO = "no"


class CostBand(enum.StrEnum):
    NONE = "none"
    UNDER_5K = "under_5k"
    UNDER_25K = "under_25k"
    UNDER_100K = "under_100k"
    OVER_100K = "over_100k"


class Practice(Base):
    """One for each lesson that has a record. Its author and its marking are the thread's; what it says is plain text, never HTML.

    `asked_for` is the review date about which the author was asked: once for each date."""

    __tablename__ = "practices"
    __table_args__ = (Index("ix_practices_review_by", "review_by"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    problem: Mapped[str] = mapped_column(Text, default="")
    what_we_did: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(Text, default="")
    measured: Mapped[bool] = mapped_column(default=False, server_default=false())
    cost_band: Mapped[str | None] = mapped_column(String(12))
    staffing: Mapped[str] = mapped_column(Text, default="")
    setup_weeks: Mapped[int | None]
    again: Mapped[str | None] = mapped_column(String(12))
    again_why: Mapped[str] = mapped_column(Text, default="")
    sworn: Mapped[int | None]  # of the author's agency, at the time
    contact_ok: Mapped[bool] = mapped_column(default=False, server_default=false())
    review_by: Mapped[dt.date | None] = mapped_column(Date)
    confirmed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # when its author last said that it is so
    asked_for: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(default=1)


class PracticeRevision(Base):
    """What a record said before a change, as the contract writes it: version n is what stood until version n+1."""

    __tablename__ = "practice_revisions"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    replaced_by: Mapped[int] = mapped_column(ForeignKey("members.id"))


class Subject(Base):
    """What a thread may be about. A retired one is offered no more, and stays on the threads that have it."""

    __tablename__ = "subjects"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    sort: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())


class ThreadSubject(Base):
    __tablename__ = "thread_subjects"
    __table_args__ = (Index("ix_thread_subjects_subject_id", "subject_id"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
