"""Whom a message names."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Mention(Base):
    """A member or an agency that a message names, as it was called there (`label`, "@Ellen Marchetti"): the name still leads to them when
    the message is edited after they were renamed. `quoted`: the position of a message
    whose words stand in it, and nothing else: whose they are is asked when they are told, since the quoted author may be masked."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    label: Mapped[str] = mapped_column(String(200), default="")
    quoted: Mapped[int | None]
