"""What reviewers put down in a case: notes, calls to the agency or their waiver, questions to the applicant."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class CaseNote(Base):
    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_application_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    author_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class CallBack(Base):
    """A reviewer reached the agency by a number that they found themselves, never one the applicant gave (V2)."""

    __tablename__ = "call_backs"
    __table_args__ = (
        Index("ix_call_backs_application_id", "application_id"),
        CheckConstraint("number <> '' AND found_at <> '' AND person <> ''", name="whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    number: Mapped[str] = mapped_column(String(40))
    found_at: Mapped[str] = mapped_column(String(500))  # a web address, or a printed source and its page
    person: Mapped[str] = mapped_column(String(200))
    spoke_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    caller_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    caller_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Waiver(Base):
    """An administrator says why a case goes on without a call-back."""

    __tablename__ = "waivers"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True, autoincrement=False)
    admin_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    admin_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Question(Base):
    """What a reviewer asked the applicant, and what they answered on their status page."""

    __tablename__ = "questions"
    __table_args__ = (Index("ix_questions_application_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    text: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    asked_name: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
