"""Files that members attach, and the text of those that have some."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class State(enum.StrEnum):
    """Only a READY file is handed out. HELD: the scanner gave no answer yet, and is asked again."""

    CHECKING = "checking"
    HELD = "held"
    READY = "ready"
    REFUSED = "refused"


_DUE = text("check_at IS NOT NULL")


class Attachment(Base):
    """`owner_kind` and `owner_id` name what it hangs on ("reply"); without them its uploader alone can use it. The id is drawn by lot, so
    that no two tell that they came one after the other. Of a message without a name `uploaded_by` is the nobody that its author is."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_owner", "owner_kind", "owner_id"),
        Index("ix_attachments_uploaded_by", "uploaded_by"),
        Index("ix_attachments_stored_as", "stored_as"),
        Index("ix_attachments_thumb_as", "thumb_as"),
        Index("ix_attachments_bare_as", "bare_as"),
        Index("ix_attachments_due", "state", "check_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))  # of what is stored: of a picture, as it was encoded anew
    stored_as: Mapped[str] = mapped_column(String(100))  # empty once it was refused
    thumb_as: Mapped[str] = mapped_column(String(100), default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default=State.CHECKING)
    why: Mapped[str] = mapped_column(String(300), default="")  # it was refused
    is_scanned: Mapped[bool] = mapped_column(default=False, server_default=false())
    check_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # when the worker looks at it next, or once more; also its lease
    says: Mapped[list[Any] | None] = mapped_column(JSON)  # of a document: (what, words) that it says of people; none: not known
    bare_as: Mapped[str] = mapped_column(String(100), default="", server_default="")  # a document's copy that says none of it
    bare_size: Mapped[int | None]
    bare_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("members.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    owner_kind: Mapped[str] = mapped_column(String(20), default="")
    owner_id: Mapped[int | None]
    position: Mapped[int] = mapped_column(SmallInteger, default=0)


class AttachmentText(Base):
    """What stands in a document, for the search."""

    __tablename__ = "attachment_texts"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
