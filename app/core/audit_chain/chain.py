"""What is hashed and what is signed: the same for sealing and for verifying."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import AuditEvent
from app.core.db import Base

PURPOSE = "audit"  # of the signing key
START = bytes(32)  # the hash before the first
EVENT_COLUMNS = tuple(AuditEvent.__table__.c)


class AuditBroken(Exception):
    """The chain can't be extended, because its head is not what was signed. `squadroom audit verify` says more."""


class AuditHead(Base):
    """The chain's newest place, signed. Its one row (id 1) is also the lock that keeps two workers from forking the chain."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))


def moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def canonical(values: Iterable[Any]) -> bytes:
    """A row as it is hashed: a JSON array of its columns in their order, moments in UTC to the microsecond."""
    return json.dumps([_plain(v) for v in values], ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return moment(value)
    if value is None or isinstance(value, int | str):
        return value
    return [repr(value)]  # a type that is never written here, so it matches nothing that was sealed


def link_hash(before: bytes, values: Iterable[Any]) -> bytes:
    return hashlib.sha256(before + canonical(values)).digest()


def head_message(seq: int, hash_: bytes) -> bytes:
    return b"head:%d:" % seq + hash_


def checkpoint_message(seq: int, at: dt.datetime, hash_: bytes) -> bytes:
    return b"checkpoint:%d:%s:" % (seq, moment(at).encode()) + hash_
