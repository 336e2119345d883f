"""Who accepted which version of the association's rules, and when. Rows are added, never changed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class TermsAcceptance(Base):
    __tablename__ = "terms_acceptances"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    accepted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
