"""What the association keeps about its own beginning."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Founding(Base):
    """One row (id 1), made with the first administrator: while `closed_at` is empty, founding reviewers may be invited. Closed for
    good once two reviewers exist. Where there is no row, it never was open."""

    __tablename__ = "founding"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
