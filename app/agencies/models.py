"""Agencies: who a member works for. Public facts (an ORI proves nothing by itself) and the association's own notes."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class AgencyType(enum.StrEnum):
    CITY = "city"
    COUNTY = "county"
    STATE = "state"
    TRIBAL = "tribal"
    UNIVERSITY = "university"
    FEDERAL = "federal"
    OTHER = "other"


class Agency(Base):
    __tablename__ = "agencies"
    __table_args__ = (Index("ix_agencies_state_name", "state", "name"), Index("ix_agencies_name_id", "name", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ori: Mapped[str | None] = mapped_column(String(9), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(100))  # "Alderwood PD": what stands beside a name
    agency_type: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(2))
    county: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    sworn: Mapped[int | None]
    civilian: Mapped[int | None]
    population: Mapped[int | None]
    search_text: Mapped[str] = mapped_column(Text)  # folded name, county, state, type words: what agency search reads
    source: Mapped[str] = mapped_column(String(20), default="")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))  # this was the same agency, written down twice
    dissolved_on: Mapped[dt.date | None] = mapped_column(Date)
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))  # of one that is dissolved, if there is one
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


# Nobody alone puts a domain on an agency's record: it waits, or two different people stand behind it. The one other way is the
# association's own record from its set-up, which names no person.
_TWO_PEOPLE = """
    (approved_at IS NULL AND approved_by IS NULL)
    OR (approved_at IS NOT NULL AND added_by IS NULL AND approved_by IS NULL)
    OR (approved_at IS NOT NULL AND added_by IS NOT NULL AND approved_by IS NOT NULL AND approved_by <> added_by)
"""


class AgencyDomain(Base):
    """A mail domain of an agency's record: one adds it, another approves it, and until then it counts for nothing (V5)."""

    __tablename__ = "agency_domains"
    __table_args__ = (
        UniqueConstraint("agency_id", "domain"),
        Index("ix_agency_domains_domain", "domain"),
        Index("ix_agency_domains_approved_at", "approved_at"),
        CheckConstraint(" ".join(_TWO_PEOPLE.split()), name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    domain: Mapped[str] = mapped_column(String(253))
    reason: Mapped[str] = mapped_column(Text, default="")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))  # none: the association's record at its set-up
    added_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    added_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    approved_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    approved_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # none: it waits


class FormerName(Base):
    """What an agency was called until a day: by it the agency is found still."""

    __tablename__ = "agency_names"
    __table_args__ = (Index("ix_agency_names_agency_id", "agency_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(100))
    until: Mapped[dt.date] = mapped_column(Date)


class FormerOri(Base):
    """An ORI that led to an agency which was merged into another: an import doesn't make it anew."""

    __tablename__ = "agency_oris"

    ori: Mapped[str] = mapped_column(String(9), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
