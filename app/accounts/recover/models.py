"""A recovery that was asked for: the mailed link and the code on the screen, both as hashes, good once and for a day (A9)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class Recovery(Base):
    """A row is written for every address that is typed, ours or not, so that asking takes as long for both (A15). An address that is
    not ours is not kept, but for the reviewers where a new one was given. `code_hash` is of the code that the page showed: it opens the
    enrolment that reviewers may grant, never the mailbox alone."""

    __tablename__ = "recoveries"
    __table_args__ = (Index("ix_recoveries_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))  # none: nobody's address
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")  # where the letter went, if the account is known
    # An address that is none of theirs yet, for who can read no mailbox any more. The letter went there, and `email` is what was typed.
    new_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    failures: Mapped[int] = mapped_column(default=0)  # wrong codes; five end the link
    address: Mapped[str] = mapped_column(String(45), default="")  # the network it came from
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
