"""Who is an agency's contact, when they were asked, and what they answered about whom. Nothing here is ever changed into its opposite:
a later answer stands beside the earlier one."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Word(enum.StrEnum):
    """What a contact says of somebody."""

    HERE = "here"
    LEFT = "left"
    RETIRED = "retired"
    UNKNOWN = "unknown"  # nobody of this name has ever worked there: perhaps an impostor


_IN_OFFICE, _OPEN = text("ended_at IS NULL"), text("closed_at IS NULL")


class AgencyContact(Base):
    """A member whom an administrator made their agency's contact. One at a time; those before stay as they were."""

    __tablename__ = "agency_contacts"
    __table_args__ = (
        Index("uq_agency_contacts_one", "agency_id", unique=True, sqlite_where=_IN_OFFICE, postgresql_where=_IN_OFFICE),
        Index("ix_agency_contacts_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    appointed_name: Mapped[str] = mapped_column(String(200), default="")
    appointed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(200), default="")


class RosterRound(Base):
    """One time that an agency was asked who still works there. Open until all are answered for, or it is asked anew."""

    __tablename__ = "roster_rounds"
    __table_args__ = (
        Index("uq_roster_rounds_open", "agency_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_roster_rounds_agency_id_asked_at", "agency_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))  # none: it was the agency's month
    asked_name: Mapped[str] = mapped_column(String(200), default="")
    reminders: Mapped[int] = mapped_column(default=0)
    overdue_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # since when reviewers see that nobody answers
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # of one that was closed without an answer: none


class RosterAnswer(Base):
    """What a contact said of one member, and when: a sign for their re-verification, and the reason where access ended."""

    __tablename__ = "roster_answers"
    __table_args__ = (
        Index("ix_roster_answers_member_id_at", "member_id", "at"),
        Index("ix_roster_answers_round_id_member_id", "round_id", "member_id"),
        Index("ix_roster_answers_word_at", "word", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("roster_rounds.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    word: Mapped[str] = mapped_column(String(10))
    month: Mapped[str] = mapped_column(String(7), default="")  # "2026-10": when they left, where it is known
    note: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    by_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
