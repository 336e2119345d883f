"""A thread's poll, its choices, and the votes."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class VoteBy(enum.StrEnum):
    """Who has a vote: each member, or each agency, of which the last word of its members counts."""

    MEMBER = "member"
    AGENCY = "agency"


class Results(enum.StrEnum):
    """From when on results are seen."""

    AFTER_VOTE = "after_vote"
    AFTER_CLOSE = "after_close"


class Poll(Base):
    """One a thread. It is closed from `closes_at` on; none: until a moderator closes it."""

    __tablename__ = "polls"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(200))
    multiple: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(10))  # a VoteBy
    results: Mapped[str] = mapped_column(String(12))  # a Results
    closes_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class PollChoice(Base):
    __tablename__ = "poll_choices"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("polls.thread_id"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(String(200))


class PollVote(Base):
    """That a voter (the id of a member or of an agency, as the poll says) chose something: kept so that each has one vote and may change
    it, and shown to nobody but the voter."""

    __tablename__ = "poll_votes"

    thread_id: Mapped[int] = mapped_column(ForeignKey("polls.thread_id"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(primary_key=True)
    choice_id: Mapped[int] = mapped_column(ForeignKey("poll_choices.id"), primary_key=True)
