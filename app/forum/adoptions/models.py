"""What an agency says of a lesson."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class AdoptionState(enum.StrEnum):
    CONSIDERING = "considering"
    ADOPTED = "adopted"
    DECLINED = "declined"


class Adoption(Base):
    """One for each agency and lesson: the latest word of its members. `adopted_at` is when they first said so in this turn, and
    `asked_at` when they were asked how it went, a year later."""

    __tablename__ = "adoptions"
    __table_args__ = (Index("ix_adoptions_agency_id", "agency_id"), Index("ix_adoptions_to_ask", "asked_at", "adopted_at"))

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    how_it_went: Mapped[str] = mapped_column(Text, default="")
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))  # who said so last
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    adopted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
