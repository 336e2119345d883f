"""The outbox, what each member wants by mail, and the digest slots that are done."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class MailState(enum.StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # not sent on purpose: what it was about may no longer be sent to this person


class Level(enum.StrEnum):
    """How much of a forum comes by mail. `each` counts as daily until single messages are mailed."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"
    EACH = "each"


class Detail(enum.StrEnum):
    """How much a mail may contain."""

    FULL = "full"
    HEADLINES = "headlines"
    LINKS = "links"


_AMOUNT = (Detail.LINKS, Detail.HEADLINES, Detail.FULL)


def strictest(*details: Detail) -> Detail:
    """The least of what the association, the forum, the marking and the member allow."""
    return min(details, key=_AMOUNT.index)


class OutboxMessage(Base):
    """One message to one recipient, as bytes. The same thing (`key`) is queued once for a recipient. `raw` is emptied when the
    message has left, so that no link to enrol stays here; of one that failed it is kept, unless such links may be in it. `about` is what
    a sender asks again by before it sends."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("recipient", "key"), Index("ix_outbox_due", "state", "next_try_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(254))
    member_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(320))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[str] = mapped_column(String(32), default="")  # who holds it: a word of the worker's own
    doubts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # copies that may have left unknown: outbox.py
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")


class MailCount(Base):
    """How many messages came to which end, by day. The outbox itself is too long to be counted whenever somebody looks."""

    __tablename__ = "mail_counts"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


NOT_COMPRESSED = "ALTER TABLE outbox ALTER COLUMN raw SET STORAGE EXTERNAL"
"""PostgreSQL would squeeze each message, which takes longer than all else about it and lasts only until it is sent."""
event.listen(OutboxMessage.__table__, "after_create", DDL(NOT_COMPRESSED).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]


class DigestSettings(Base):
    """A member's choices; without a row the defaults stand. `changed_at`: slots up to then do not count for the new schedule.
    `counts_from`: turned on again then, so what was posted while it was off is not sent. `serial` is in the stop links: a new
    one makes the old links worthless."""

    __tablename__ = "digest_settings"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, autoincrement=False)
    on: Mapped[bool] = mapped_column(default=True)
    hour: Mapped[int] = mapped_column(SmallInteger, default=7)
    weekday: Mapped[int] = mapped_column(SmallInteger, default=0)  # Monday is 0
    time_zone: Mapped[str] = mapped_column(String(60), default="")  # empty: the association's
    content: Mapped[str] = mapped_column(String(10), default=Detail.FULL)
    quiet_weekend: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[dt.date | None]
    changed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    counts_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    serial: Mapped[int] = mapped_column(default=0)
    # Another confirmed address of theirs that the digest goes to; one that is removed leaves it at the first.
    address_id: Mapped[int | None] = mapped_column(ForeignKey("account_addresses.id", ondelete="SET NULL"), index=True)


class MailDefault(Base):
    """What the association has said for members of a class who chose nothing themselves. Without a row: defaults.py. `changed_at` and
    `counts_from` are for who follows it what they are to a member's own settings."""

    __tablename__ = "mail_defaults"

    member_class: Mapped[str] = mapped_column(String(20), primary_key=True)
    on: Mapped[bool] = mapped_column(default=True)
    hour: Mapped[int] = mapped_column(SmallInteger, default=7)
    level: Mapped[str] = mapped_column(String(10), default=Level.DAILY)  # of every forum: none, daily or weekly
    content: Mapped[str] = mapped_column(String(10), default=Detail.FULL)
    quiet_weekend: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    counts_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class ForumLevel(Base):
    """A member's level for a forum; without a row it is their class's, daily where the association said nothing. `told_until`: up to
    when they had been told of it as they changed it last, and `changed_after` the slot that was their last one then."""

    __tablename__ = "forum_levels"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    forum_id: Mapped[int] = mapped_column(ForeignKey("forums.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    told_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    changed_after: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class MailedAtOnce(Base):
    """A message that a member was mailed by itself: it isn't in their digest again."""

    __tablename__ = "mailed_at_once"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


class DigestSlot(Base):
    """A slot that is done for a member, with a mail or without: written in the mail's own transaction, so that no slot is done
    twice (M12). `weekly_at` is the newest slot that took in the weekly forums, `class_at` the newest that took in those of which the
    member said nothing: their class's level may become another, and then they go on from there."""

    __tablename__ = "digest_slots"
    __table_args__ = (Index("ix_digest_slots_slot_at", "slot_at"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    slot_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, primary_key=True)
    weekly_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    class_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    messages: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
