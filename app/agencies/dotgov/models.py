"""The registry of .gov names as CISA publishes it: a copy, taken whole each time. All of it is public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class GovDomain(Base):
    """A name that is registered, and to whom. It proves a government, not a police agency: a town's name serves its parks too."""

    __tablename__ = "gov_domains"

    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    domain_type: Mapped[str] = mapped_column(String(100))
    organization: Mapped[str] = mapped_column(String(300))
    suborganization: Mapped[str] = mapped_column(String(300), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(2), default="")
    skeleton: Mapped[str] = mapped_column(String(253), index=True)  # what it looks like: addresses.looks


class GovRegistry(Base):
    """The one row (id 1) about the copy: of when it is, and its names as look-alikes are searched for."""

    __tablename__ = "gov_registry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=1)  # moves when a row changes: keys what is kept in memory
    dated: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # of the file, as far as its date is known
    commit: Mapped[str] = mapped_column(String(64), default="")  # where it was published from
    imported_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    size: Mapped[int]  # how many names
    names: Mapped[str] = mapped_column(Text)  # without .gov, one a line, the shortest first
    letters: Mapped[bytes] = mapped_column(LargeBinary)  # of each name, in the same order: addresses.nearness
