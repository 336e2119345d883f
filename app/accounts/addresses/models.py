"""The confirmed addresses of a person, and one that waits to be confirmed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class AccountAddress(Base):
    """A confirmed address: nobody else can have it. The one that is signed in with and written to is `accounts.email`, which stands here
    too: the database keeps that so (triggers.py). `is_agency` marks the one that vetting saw."""

    __tablename__ = "account_addresses"
    __table_args__ = (Index("ix_account_addresses_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    is_agency: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class AddressRequest(Base):
    """An address that somebody wants to add, somebody else's or not: its row says nothing of that. One at a time. The code went to the
    mailbox, and counts in the session that asked, so that both are one person's."""

    __tablename__ = "address_requests"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    session_id: Mapped[int]
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
