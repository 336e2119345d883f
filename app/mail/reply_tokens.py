"""Addresses to answer to: `reply+TOKEN@REPLY_DOMAIN`, where a message is about one thread, and `reply+TOKEN-THREAD@…` beside each
thread of a digest, which has one token for all of its threads. TOKEN is base32 of 160 random bits, good in any case, stored hashed
with the member, the threads and the end (M7)."""

from __future__ import annotations

import base64
import datetime as dt
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.signing import token_hash
from app.mail.inbound.models import ReplyToken

LIFE = dt.timedelta(days=30)
SETTLED = dt.timedelta(minutes=5)  # after which a message that was kept and not judged is taken up again
BITS = 160
LENGTH = 32  # characters of a token
_LOCAL = re.compile(r"reply\+([a-z2-7]{32})(?:-([1-9][0-9]{0,9}))?", re.IGNORECASE | re.ASCII)
_INSERT = insert(ReplyToken.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose answer, and to which thread, an address is good for until it ends."""

    member_id: int
    thread_id: int
    expires_at: dt.datetime


def new() -> str:
    """A token, not good for anything before `keep`."""
    return base64.b32encode(secrets.token_bytes(BITS // 8)).decode().lower()


def row_of(token: str, member_id: int, threads: Sequence[int]) -> dict[str, Any]:
    """What is kept of a token: for many at once by `keep`."""
    return {"token_hash": token_hash(token), "member_id": member_id, "threads": list(threads), "expires_at": clock.now() + LIFE}


def keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(_INSERT, list(rows))


def address(token: str, domain: str, thread_id: int | None = None) -> str:
    """The address, with the thread where a token stands for several."""
    return f"reply+{token}@{domain}" if thread_id is None else f"reply+{token}-{thread_id}@{domain}"


def answer_to(conn: Connection | Session, local: str) -> Answer | None:
    """What the part before the @ is good for; None for what is no token of ours, or names a thread it isn't bound to. Whether it has
    ended is the caller's to judge: someone may be told."""
    found = _LOCAL.fullmatch(local)
    if found is None:
        return None
    t = ReplyToken
    row = conn.execute(select(t.member_id, t.threads, t.expires_at).where(t.token_hash == token_hash(found[1].lower()))).first()
    if row is None:
        return None
    threads = list(row.threads)
    wanted = int(found[2]) if found[2] else threads[0] if len(threads) == 1 else None
    return Answer(row.member_id, wanted, row.expires_at) if wanted in threads and wanted is not None else None
