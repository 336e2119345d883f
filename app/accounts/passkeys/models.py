"""Passkeys beside their rows in `authenticators`, and the challenges that are out."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Purpose(enum.StrEnum):
    """What a challenge was given out for: to show a passkey, or to add one."""

    SHOW = "show"
    ADD = "add"


class Passkey(Base):
    """The public half, and what its device said of it. Nothing here opens anything."""

    __tablename__ = "passkeys"

    authenticator_id: Mapped[int] = mapped_column(ForeignKey("authenticators.id", ondelete="CASCADE"), primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # COSE
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))  # random; the device keeps it, and it tells nothing of the member
    sign_count: Mapped[int] = mapped_column(BigInteger)  # 0 for devices that don't count
    transports: Mapped[str] = mapped_column(String(100), default="")
    is_synced: Mapped[bool]  # may be kept in the owner's account with the maker of the device, and so be on several devices
    is_backed_up: Mapped[bool]


class PasskeyChallenge(Base):
    """Random bytes that a device is to sign: for one browser or session, one purpose, once, for five minutes (A8)."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (Index("ix_passkey_challenges_expires_at", "expires_at"),)

    challenge: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    holder: Mapped[bytes] = mapped_column(LargeBinary(32))  # the hash of the cookie that asked
    purpose: Mapped[str] = mapped_column(String(10))
    user_handle: Mapped[bytes | None] = mapped_column(LargeBinary(64))  # to add one: what the device was told of whose it is
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
