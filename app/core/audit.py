"""The log: what was done, when, by whom, to what, from where, with what outcome. Rows are written in the act's own transaction;
the worker seals them into a hash chain (audit_chain.py). Nothing here changes or deletes a row, and the database refuses to."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.access import Actor
from app.core.db import Base, UtcDateTime
from app.core.together import Said, write


class AuditEvent(Base):
    """One row of the log. `detail` is a JSON object in text, with sorted keys: it is hashed as it stands."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_subject", "subject_kind", "subject_id"), Index("ix_audit_events_actor_id", "actor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    verb: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(10), default="done")
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    subject_kind: Mapped[str] = mapped_column(String(30), default="")
    subject_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(45), default="")
    session_id: Mapped[int | None]
    request_id: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(Text, default="{}")


class AuditLink(Base):
    """A row's place in the chain: `hash` is SHA-256 over the hash before it and the row's canonical form."""

    __tablename__ = "audit_links"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditCheckpoint(Base):
    """A signed statement that the chain reached `hash` at `seq`: written at least daily, copied to CHECKPOINT_DIR."""

    __tablename__ = "audit_checkpoints"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))


_INSERT = insert(AuditEvent.__table__)  # type: ignore[arg-type]  # Core on purpose: the log is on the hot path of every write


Subject = tuple[str, int | None]
"""A kind of thing and its id."""


def line(actor: Actor, verb: str, subject: Subject = ("", None), *, outcome: str = "done", **detail: Any) -> Said:
    """What `record` writes, to be written with other things."""
    origin = actor.origin
    return Said(
        _INSERT,
        {
            "at": clock.now(), "verb": verb, "outcome": outcome, "actor_id": actor.id, "actor_name": actor.name[:200],
            "subject_kind": subject[0], "subject_id": subject[1], "address": origin.address, "session_id": origin.session_id,
            "request_id": origin.request_id, "detail": json.dumps(detail, sort_keys=True, default=str) if detail else "{}",
        },
    )  # fmt: skip


def record(session: Session, actor: Actor, verb: str, subject: Subject = ("", None), *, outcome: str = "done", **detail: Any) -> None:
    """Write one row in this transaction: if it can't be written, the act isn't done either (R4).

    `verb` is noun.verb (`thread.lock`); `subject` is (kind, id); `detail` holds ids and old and new values, never a secret
    and never a message's text.
    """
    write(session, line(actor, verb, subject, outcome=outcome, **detail))
