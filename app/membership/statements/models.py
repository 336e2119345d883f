"""The texts that applicants accepted, by version. Rows are added, never changed: a case names its version for as long as it is kept."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Statement(Base):
    __tablename__ = "statements"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)  # the text's SHA-256
    text: Mapped[str] = mapped_column(Text)
    first_accepted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
