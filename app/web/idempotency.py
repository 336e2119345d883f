"""The same post twice is one post: Idempotency-Key (scripts) or the form's `once` (pages), per member, method and path for 24 h."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from starlette.responses import Response

from app.core.db import Base, UtcDateTime
from app.core.errors import Forbidden, Invalid, NotFound, Refusal
from app.core.sql import insert_into
from app.web.request import Write

KEPT = dt.timedelta(hours=24)


class IdempotencyKey(Base):
    """The answer that the first request with this key got. `key` is a hash over member, method, path and the key sent."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(SmallInteger, default=0)
    location: Mapped[str] = mapped_column(String(300), default="")
    media_type: Mapped[str] = mapped_column(String(60), default="")
    answer: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


def _sent_key(ctx: Write) -> str:
    if ctx.call.is_api:
        key = ctx.call.request.headers.get("idempotency-key", "")
        if len(key) > 200:
            raise Invalid({"Idempotency-Key": "Can be at most 200 characters long."})
        return key
    return next((v for k, v in ctx.call.fields if k == "once"), "")[:200]


def once(ctx: Write, act: Callable[[], Response]) -> Response:
    """Run `act`, or give the answer that it got the first time. The caller must still be allowed to see what it answered."""
    sent = _sent_key(ctx)
    if not sent or ctx.visit is None:
        return act()
    key = hashlib.sha256(f"{ctx.visit.account_id}\0{ctx.call.method}\0{ctx.call.path}\0{sent}".encode("utf-8", "replace")).digest()
    if not _reserve(ctx, key):
        return _replay(ctx, key, act)
    response = act()
    ctx.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.key == key)
        .values(
            status=response.status_code, location=response.headers.get("location", ""),
            media_type=response.headers.get("content-type", ""), answer=bytes(response.body),
        )
    )  # fmt: skip
    return response


def _reserve(ctx: Write, key: bytes) -> bool:
    """Whether this request is the first. On PostgreSQL a second one waits here until the first has committed."""
    assert ctx.visit is not None
    row = {"key": key, "account_id": ctx.visit.account_id, "body_hash": ctx.call.body_hash, "created_at": ctx.now,
           "status": 0, "location": "", "media_type": "", "answer": b""}  # fmt: skip
    ctx.session.execute(delete(IdempotencyKey).where(IdempotencyKey.key == key, IdempotencyKey.created_at < ctx.now - KEPT))
    statement = insert_into(ctx.session, IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    return ctx.session.connection().execute(statement).first() is not None


def _replay(ctx: Write, key: bytes, act: Callable[[], Response]) -> Response:
    first = ctx.session.execute(select(IdempotencyKey).where(IdempotencyKey.key == key)).scalar_one()
    if first.body_hash != ctx.call.body_hash:
        raise Invalid({"Idempotency-Key": "This key was used for another body."})
    # Trying the act again, undone at once, asks every fence it passes whether the caller may still see what it is about.
    trial = ctx.session.begin_nested()
    try:
        act()
    except (NotFound, Forbidden) as refusal:
        if isinstance(refusal, NotFound):
            raise
    except Refusal:
        pass  # locked or changed since: the first answer is still true
    finally:
        trial.rollback()
    headers = {"location": first.location} if first.location else {}
    return Response(first.answer, first.status, headers, first.media_type or None)
