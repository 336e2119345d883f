"""Which messages of old list archives are here."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class ArchiveMessage(Base):
    """A message of a forum's archive, by the hash of its Message-ID, or of what it says where it has none.

    Without `reply_id` it is known only from messages that answer it: should it come with another file, its thread is this one.
    """

    __tablename__ = "archive_messages"
    __table_args__ = (Index("ix_archive_messages_reply_id", "reply_id"),)

    forum_id: Mapped[int] = mapped_column(ForeignKey("forums.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
