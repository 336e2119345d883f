"""Members, groups and roles; and the application, which is a case from the first day: state, version, claim, evidence, decisions."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core import clock, matching
from app.core.db import Base, UtcDateTime
from app.membership.alike.keys import KEYS, family_key, from_insert, keep
from app.membership.papers import CallBack, CaseNote, Question, Waiver  # noqa: F401  # their tables belong to this schema


class MemberClass(enum.StrEnum):
    HEAD = "head"
    SWORN = "sworn"
    CIVILIAN = "civilian"
    RETIRED = "retired"
    PARTNER = "partner"
    STAFF = "staff"


class MemberStatus(enum.StrEnum):
    ACTIVE = "active"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    SEPARATED = "separated"
    BAIT = "bait"  # an invented person: membership/watch/bait.py
    ARCHIVE = "archive"  # nobody: what stands for the authors of an old mailing list, membership/nobodies.py
    MASKED = "masked"  # nobody: what stands for members who write without their name, likewise


_GONE = (MemberStatus.SUSPENDED, MemberStatus.SEPARATED)
NO_PERSON = (MemberStatus.BAIT, MemberStatus.ARCHIVE, MemberStatus.MASKED)
"""Rows that are no member: nothing that is done to members reaches them."""


class SeenBy(enum.StrEnum):
    """Whom a member shows a part of their entry to."""

    EVERYONE = "everyone"
    AGENCY = "agency"
    NOBODY = "nobody"


class Role(enum.StrEnum):
    ADMIN = "admin"
    REVIEWER = "reviewer"
    RECORDS = "records"


class ApplicationState(enum.StrEnum):
    UNCONFIRMED = "unconfirmed"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    MORE_ASKED = "more_asked"
    FIRST_DECISION = "first_decision"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


FORGOTTEN = "forgotten"  # no state of a case but of what is left of one: its number and its dates (membership/forgetting/)


class Purpose(enum.StrEnum):
    """What a case is about: to become a member, to come back after a suspension, or to get a lost sign-in again."""

    JOIN = "join"
    RETURN = "return"
    RECOVER = "recover"


class Verdict(enum.StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"


def _by_family(context: Any) -> str:
    return family_key(context.get_current_parameters().get("name") or "")


_SAID = ("name", "rank", "organization")


def _found_by(context: Any) -> str:
    """The search text of a member who is inserted without the mapped class, as seeding does."""
    values = context.get_current_parameters()
    return matching.found_by(*(values.get(name) for name in _SAID))


class Member(Base):
    """A vetted person. The id is the account's. `version` is bumped whenever what stands beside their messages changes."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_agency_id", "agency_id"),
        Index("ix_members_name_id", "name", "id"),
        Index("ix_members_verify_on", "status", "verify_on"),
        Index("ix_members_quiet_on", "status", "quiet_on"),
        Index("ix_members_gone_at", "gone_at"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(Text, default=_found_by)  # the words of name, rank and organization, folded: core.matching
    rank: Mapped[str] = mapped_column(String(100), default="")
    organization: Mapped[str] = mapped_column(String(200), default="")  # a partner's firm, where there is no agency
    member_class: Mapped[str] = mapped_column(String(10))
    former_class: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=MemberStatus.ACTIVE)
    status_reason: Mapped[str] = mapped_column(Text, default="")  # administrators alone read it
    left_as: Mapped[str] = mapped_column(String(10), default="", server_default="")
    gone_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # since when their status lets them in no more
    back_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # since when it lets them in again; none: they were never gone
    former_roles: Mapped[str] = mapped_column(String(60), default="", server_default="")  # held when access ended, not given back unasked
    phone: Mapped[str] = mapped_column(String(40), default="")
    name_key: Mapped[str] = mapped_column(String(200), default=from_insert("name"), server_default="", index=True)  # alike.keys
    family_key: Mapped[str] = mapped_column(String(200), default=_by_family, server_default="", index=True)  # the family name first
    phone_key: Mapped[str] = mapped_column(String(15), default=from_insert("phone"), server_default="", index=True)
    about: Mapped[str] = mapped_column(String(1000), default="")
    email_seen_by: Mapped[str] = mapped_column(String(10), default=SeenBy.NOBODY, server_default=SeenBy.NOBODY)  # the member's own choice
    phone_seen_by: Mapped[str] = mapped_column(String(10), default=SeenBy.NOBODY, server_default=SeenBy.NOBODY)
    about_seen_by: Mapped[str] = mapped_column(String(10), default=SeenBy.EVERYONE, server_default=SeenBy.EVERYONE)
    time_zone: Mapped[str] = mapped_column(String(60), default="")  # empty: the association's
    version: Mapped[int] = mapped_column(default=1)
    read_version: Mapped[int] = mapped_column(default=1)  # bumped when a read mark of theirs moves: keys what is counted as unread
    read_before: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # all activity up to here counts as read
    approved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    # Staying (membership/staying/): when it was last confirmed that all this is so, by when next, and how far asking has come.
    verified_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # none: when they were approved
    verify_by: Mapped[dt.date | None]
    verify_stage: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    verify_on: Mapped[dt.date | None]  # the next day on which something is to be done; none: not planned yet
    heard_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # the last answer by mail
    quiet_on: Mapped[dt.date | None]  # when it is looked at next whether they still sign in
    quiet_asked_on: Mapped[dt.date | None]
    confirm_first: Mapped[str] = mapped_column(String(10), default="", server_default="")  # why nothing opens before they confirm
    start_done_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # first steps done or put away (starting.py)
    way_back: Mapped[bool] = mapped_column(default=False, server_default=false())  # the calendar lowered the status, so they may answer

    @validates("name", "rank", "organization", "phone")
    def _keep_findable(self, key: str, value: str) -> str:
        if key in _SAID:
            said = {name: getattr(self, name) for name in _SAID} | {key: value}
            self.search_text = matching.found_by(*said.values())
        if key == "name":
            self.family_key = family_key(value)
        return keep(self, key, value)

    @validates("status")
    def _keep_gone(self, _key: str, value: str) -> str:
        """Whoever sets a status also says since when they are gone: their cases are kept for some years from then. And since when they
        are back: what was written in between is not mailed to them."""
        if value != self.status:
            self.back_at = clock.now() if self.status in _GONE and value not in _GONE else self.back_at
            self.gone_at = clock.now() if value in _GONE else None
        return value


class Group(Base):
    """Built-in (one for each member class, `member_class` set) or made: committees, task forces, regions."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(500), default="")
    member_class: Mapped[str | None] = mapped_column(String(10), unique=True)
    version: Mapped[int] = mapped_column(default=1)


class GroupMember(Base):
    """`since`: what was written before is not mailed to them on the strength of this group. Who came straight from another class's group
    (`came_from`, where they were `came_since`) had in between, without a break, what both groups read."""

    __tablename__ = "group_members"
    __table_args__ = (Index("ix_group_members_group_id", "group_id"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=clock.now)
    came_from: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    came_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class MemberRole(Base):
    __tablename__ = "member_roles"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), primary_key=True)


_UNDECIDED = text("decided_at IS NULL")


class Application(Base):
    """An applicant's case. The status page's token, the confirmation and the enrolment code are stored hashed."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_state_id", "state", "id"),
        Index("ix_applications_email", "email"),
        # The queue: what is open is what was submitted and not decided.
        Index("ix_applications_open", "submitted_at", "id", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
        Index("ix_applications_state_submitted", "state", "submitted_at", "id"),
        Index("ix_applications_claimed_by", "claimed_by"),
        Index("ix_applications_decided_at", "decided_at"),
        Index("ix_applications_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10), default=Purpose.JOIN, server_default=Purpose.JOIN)
    state: Mapped[str] = mapped_column(String(20), default=ApplicationState.UNCONFIRMED)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200))
    rank: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(254))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    agency_name: Mapped[str] = mapped_column(String(200), default="")  # as typed, where the agency is not listed
    agency_state: Mapped[str] = mapped_column(String(2), default="")
    member_class: Mapped[str] = mapped_column(String(10))
    supervisor: Mapped[str] = mapped_column(String(200), default="")
    reach: Mapped[str] = mapped_column(String(200), default="", server_default="")  # how to reach the agency, by the applicant's word
    phone: Mapped[str] = mapped_column(String(40), default="")
    statement_version: Mapped[str] = mapped_column(String(64), default="")
    look_alike: Mapped[bool | None]  # whether the address was found to look like another's when it was signed last; none: not looked yet
    founding: Mapped[bool] = mapped_column(default=False)  # a founding reviewer, invited by the administrator at first steps
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    sponsor_named: Mapped[str] = mapped_column(String(254), default="")  # the address as the applicant gave it, a member's or not
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    claimed_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))  # who came of it; of other purposes, who it is about
    status_token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    confirm_token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enrolment_code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    address: Mapped[str] = mapped_column(String(45), default="")  # where it came from
    name_key: Mapped[str] = mapped_column(String(200), default=from_insert("name"), server_default="", index=True)  # alike.keys
    phone_key: Mapped[str] = mapped_column(String(15), default=from_insert("phone"), server_default="", index=True)
    network: Mapped[str] = mapped_column(String(50), default=from_insert("address"), server_default="", index=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    @validates(*KEYS)
    def _keep_alike(self, key: str, value: str) -> str:
        return keep(self, key, value)


class Evidence(Base):
    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_application_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))  # none: the applicant, or a source of the association's own
    source: Mapped[str] = mapped_column(String(10), default="", server_default="")  # "roster": the association's file, which counts
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Decision(Base):
    """One reviewer's verdict. Two different people approve, so a person decides a case once: the database says so too (V1)."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("application_id", "reviewer_id"),
        UniqueConstraint("application_id", "step"),
        CheckConstraint("step IN (1, 2)", name="step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    step: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    reviewer_name: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
