"""Rosters that were applied, and what each row of them did: as it was before and as it was left, so that it can be put back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class RosterImport(Base):
    __tablename__ = "roster_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(200))
    joins: Mapped[int] = mapped_column(default=0)
    moves: Mapped[int] = mapped_column(default=0)
    leaves: Mapped[int] = mapped_column(default=0)
    conflicts: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class RosterChange(Base):
    """One row that did something: to a member, or by opening a case. `written_at`: when who joins was written to."""

    __tablename__ = "roster_changes"
    __table_args__ = (Index("ix_roster_changes_import_id", "import_id", "id"), Index("ix_roster_changes_application_id", "application_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("roster_imports.id"))
    line: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))  # join, move, leave
    email: Mapped[str] = mapped_column(String(254))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
