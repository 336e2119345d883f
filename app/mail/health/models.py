"""How an address fares: what came back from it, and whether anything is still sent there."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class HealthState(enum.StrEnum):
    FAILING = "failing"  # something came back, and mail still goes there
    SUPPRESSED = "suppressed"  # nothing is sent there any more


class AddressHealth(Base):
    """An address from which mail came back; one without a row is well. `score` counts soft bounces, one a day at most, and is stale a
    week after the last. `cause` says who or what suppressed it: a bounce, the ladder, an administrator."""

    __tablename__ = "address_health"
    __table_args__ = (Index("ix_address_health_state", "state", "last_at"),)

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=HealthState.FAILING)
    score: Mapped[int] = mapped_column(SmallInteger, default=0)
    warnings: Mapped[int] = mapped_column(SmallInteger, default=0)
    said: Mapped[str] = mapped_column(String(500), default="")  # the other server's words, the newest
    cause: Mapped[str] = mapped_column(String(20), default="")
    first_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    suppressed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
