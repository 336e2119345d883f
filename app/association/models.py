"""What the association keeps about its own beginning, and about its drills."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Founding(Base):
    """One row (id 1), made with the first administrator: while `closed_at` is empty, founding reviewers may be invited. Closed for
    good once two reviewers exist. Where there is no row, it never was open."""

    __tablename__ = "founding"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SiteText(Base):
    """A text of the association as it stood from a day on: `name` is "rules" or "welcome". Rows are added, never changed."""

    __tablename__ = "site_texts"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(200))
    written_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Drill(Base):
    """An impersonation drill: somebody played a false chief, and how far they came (V14)."""

    __tablename__ = "drills"

    id: Mapped[int] = mapped_column(primary_key=True)
    held_on: Mapped[dt.date]
    was_stopped: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    recorded_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
