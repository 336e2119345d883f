"""What the watch over the directory keeps."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Alarm(enum.StrEnum):
    """Why somebody's way through the directory looks like copying it."""

    PAGES = "pages"
    LISTS = "lists"
    BAIT = "bait"


class DirectoryAlert(Base):
    """A member did what somebody does who copies the directory. Once an hour for each member and reason."""

    __tablename__ = "directory_alerts"
    __table_args__ = (Index("ix_directory_alerts_raised_at", "raised_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    member_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(10))
    raised_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
