"""What a named sponsor was asked and answered, and whom members invited."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class SponsorAnswer(Base):
    """One member's word on one case. They may change it while the case is open; the log keeps each."""

    __tablename__ = "sponsor_answers"
    __table_args__ = (Index("ix_sponsor_answers_sponsor_id", "sponsor_id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True, autoincrement=False)
    sponsor_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    stands_by: Mapped[bool | None]  # none: no answer yet
    answered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A letter to a colleague, by whose link an application names the member who asked for it. The link is stored hashed."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
