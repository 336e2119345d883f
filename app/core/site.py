"""What the association says of itself: name, postal address, zone and texts. One row, kept in memory between changes."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, Text, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.config import Settings
from app.core.db import Base, UtcDateTime


class SiteRow(Base):
    """The one row (id 1) that first steps and the administrator write; without it the environment's values stand."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300))
    time_zone: Mapped[str] = mapped_column(String(60))
    rules: Mapped[str] = mapped_column(Text, default="")
    rules_html: Mapped[str] = mapped_column(Text, default="")
    welcome: Mapped[str] = mapped_column(Text, default="")
    welcome_html: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[str] = mapped_column(String(20), default="")
    rules_version: Mapped[int] = mapped_column(default=1, server_default="1")  # one more with each change of the rules' words
    rules_required: Mapped[int] = mapped_column(default=0, server_default="0")  # the version that members must have accepted; 0: none
    mail_most: Mapped[str] = mapped_column(String(10), default="full", server_default="full")  # the most a mail may hold: mail's Detail
    mail_paused_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # while set, nothing leaves by mail
    statement: Mapped[str] = mapped_column(Text, default="", server_default="")  # that applicants accept; empty: membership's own words
    hello_forum: Mapped[int | None]  # where new members say hello; none: nowhere
    hides_own_agency: Mapped[bool] = mapped_column(default=False, server_default=false())  # from its reviewers: applications' access.py


@dataclass(frozen=True, slots=True)
class Site:
    """What pages and mail need of it."""

    name: str
    address: str
    time_zone: str
    rules_html: str = ""
    welcome_html: str = ""
    made_by: str = ""
    rules_version: int = 1
    rules_required: int = 0
    mail_most: str = "full"
    mail_paused_at: dt.datetime | None = None
    hello_forum: int | None = None


_STATEMENT = select(
    SiteRow.name, SiteRow.address, SiteRow.time_zone, SiteRow.rules_html, SiteRow.welcome_html, SiteRow.made_by, SiteRow.rules_version,
    SiteRow.rules_required, SiteRow.mail_most, SiteRow.mail_paused_at, SiteRow.hello_forum,
).where(SiteRow.id == 1)  # fmt: skip


def read(conn: Connection | Session, settings: Settings) -> Site:
    row = conn.execute(_STATEMENT).first()
    if row is None:
        return Site(settings.association_name, settings.association_address, settings.time_zone)
    values: tuple[Any, ...] = tuple(row)
    return Site(*values)


class SiteCache:
    """The site as of at most `seconds` ago: other processes' changes are seen after that, this process's at once."""

    def __init__(self, settings: Settings, seconds: float = 5.0) -> None:
        self._settings, self._seconds = settings, seconds
        self._site: Site | None = None
        self._until = 0.0

    def get(self, conn: Connection | Session) -> Site:
        if self._site is None or time.monotonic() > self._until:
            self._site, self._until = read(conn, self._settings), time.monotonic() + self._seconds
        return self._site

    def forget(self) -> None:
        self._site = None
