"""Mail that comes in: the addresses it may be sent to, and every message that was taken, with what became of it."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class InboundState(enum.StrEnum):
    RECEIVED = "received"  # kept, and not judged yet
    POSTED = "posted"
    HELD = "held"  # a new thread that waits for its author's word on the site
    REFUSED = "refused"
    DROPPED = "dropped"  # automatic mail, or its author threw it away


class ReplyToken(Base):
    """What stands in a Reply-To: hashed, bound to one member, to the threads that the message was about, and to an end."""

    __tablename__ = "reply_tokens"
    __table_args__ = (Index("ix_reply_tokens_member_id", "member_id"), Index("ix_reply_tokens_expires_at", "expires_at"))

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    threads: Mapped[list[int]] = mapped_column(JSON)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class InboundMessage(Base):
    """A message as it came, and what became of it. `print` is what tells it from any other for the same address, so that the same one
    thrice is one. `raw` is compressed, and its author's and the auditors' alone; `body` is what was or would be posted, `cut` what was
    trimmed, each piece with why. `reason` is a key of refusals.py."""

    __tablename__ = "inbound_messages"
    __table_args__ = (Index("ix_inbound_messages_member_id", "member_id", "id"), Index("ix_inbound_messages_state", "state", "received_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    sender: Mapped[str] = mapped_column(String(254), default="")  # of the envelope
    recipient: Mapped[str] = mapped_column(String(320))  # of the envelope; a token in it is cut
    message_id: Mapped[str] = mapped_column(String(320), default="")
    print: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=InboundState.RECEIVED)
    reason: Mapped[str] = mapped_column(String(30), default="")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    forum_id: Mapped[int | None] = mapped_column(ForeignKey("forums.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"), index=True)
    position: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    cut: Mapped[list[Any]] = mapped_column(JSON, default=list)
    judged_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
