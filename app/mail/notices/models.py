"""What a member is told on the site, and which kinds of it they want by mail too."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Notification(Base):
    """One thing that one member is told. `kind` is registered in kinds.py. About a message, `thread_id` and `position` say which, and
    its words are read through the forum's fence when it is shown: the row holds none of them. About anything else `text` says it.
    `key` names the thing, so that the same one is told once. `mail_at`: when it goes out by mail, with all of this member's that wait
    by then; none: it doesn't, or did."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("member_id", "key"),
        Index("ix_notifications_newest", "member_id", "id"),
        Index("ix_notifications_unread", "member_id", "read_at"),
        Index("ix_notifications_mail_at", "mail_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"))
    position: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(300), default="")
    path: Mapped[str] = mapped_column(String(200), default="")  # where it leads, if not to a message
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    mail_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class NoticeChoice(Base):
    """A member's switches for a kind; without a row its defaults stand. Security kinds have no row: they can't be switched."""

    __tablename__ = "notice_choices"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    on_site: Mapped[bool] = mapped_column(default=True)
    by_mail: Mapped[bool] = mapped_column(default=True)
