"""What is searched: a row for each message and each file that is handed out, with its words ready for the engine."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core.db import Base, UtcDateTime

INDEX = "search_index"
"""SQLite's full-text table on these rows (triggers.py)."""
TITLES = f"{INDEX}_of_titles"
"""The same of titles alone: they are few, and asked many times while one is typed."""


class TsVector(UserDefinedType[str]):
    """PostgreSQL's words with their places, written as text. SQLAlchemy's own would bring that engine's module into every command."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TSVECTOR"


_Id = BigInteger().with_variant(Integer(), "sqlite")
_Words = Text().with_variant(TsVector(), "postgresql")


class SearchDoc(Base):
    """`id` is made of the day, of whether it is a file, and of the message's or file's own id (documents.py): the newest are those with
    the highest, and a span of days is a span of ids, also for an old list's archive that came late. `scope` is the forum's id, or of a
    TLP:RED thread its own, negative. `tags` are what can be asked for beside words. On PostgreSQL `words` holds all of it."""

    __tablename__ = "search_docs"
    __table_args__ = (Index("ix_search_docs_reply_id", "reply_id"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=False)
    reply_id: Mapped[int]
    scope: Mapped[int]
    tags: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(_Words)
    words: Mapped[str] = mapped_column(_Words)


class Deliver(enum.StrEnum):
    """How somebody hears of what a saved search finds anew."""

    NONE = "none"
    DIGEST = "digest"
    EACH = "each"


class SavedSearch(Base):
    """`key_word` is one that every hit has, where there is one: only searches whose word stands in something new are asked again."""

    __tablename__ = "saved_searches"
    __table_args__ = (Index("ix_saved_searches_member_id", "member_id", "id"), Index("ix_saved_searches_key_word", "key_word", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    q: Mapped[str] = mapped_column(String(500))
    deliver: Mapped[str] = mapped_column(String(10), default=Deliver.NONE)
    key_word: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class SavedHit(Base):
    """That a saved search found a message, once: what is mailed of it is asked again."""

    __tablename__ = "saved_hits"
    __table_args__ = (Index("ix_saved_hits_found_at", "member_id", "found_at"), Index("ix_saved_hits_reply_id", "reply_id"))

    saved_id: Mapped[int] = mapped_column(ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("replies.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    found_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class SearchMark(Base):
    """How far messages were looked through for saved searches: one row, moved by whoever does the next piece."""

    __tablename__ = "search_marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    reply_id: Mapped[int]
