"""The files of the evidence store: what is known of each, apart from its bytes, and which line of evidence shows which file (V13)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class EvidenceFile(Base):
    """One file of a case. What is left of one that was deleted: its name, size, hash and dates."""

    __tablename__ = "evidence_files"
    __table_args__ = (Index("ix_evidence_files_application_id", "application_id"), Index("ix_evidence_files_deleted_at", "deleted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    name: Mapped[str] = mapped_column(String(200))  # as its sender called it
    size: Mapped[int]  # bytes, as sha256: of the plaintext
    media_type: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    stored_as: Mapped[str] = mapped_column(String(32), unique=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)  # emptied with the file
    shows_identity: Mapped[bool]  # an identity document, or whatever an applicant sent: deleted 30 days after the decision
    added_by: Mapped[int | None] = mapped_column(ForeignKey("members.id"))  # none: the applicant
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class EvidenceFileLink(Base):
    """The file that a line of evidence shows. A reviewer who takes up an applicant's file shows the same one."""

    __tablename__ = "evidence_file_links"
    __table_args__ = (Index("ix_evidence_file_links_file_id", "file_id"),)

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True, autoincrement=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("evidence_files.id"))
