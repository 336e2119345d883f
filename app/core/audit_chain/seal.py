"""Sealing: rows get their places in the order in which they are found, not of their ids, since on PostgreSQL a row may be
committed after one with a higher id. None is skipped, however late it comes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.audit import AuditCheckpoint, AuditEvent, AuditLink
from app.core.audit_chain.chain import (
    EVENT_COLUMNS,
    PURPOSE,
    START,
    AuditBroken,
    AuditHead,
    checkpoint_message,
    head_message,
    link_hash,
)
from app.core.audit_chain.files import append_checkpoint
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.core.sql import insert_into

BATCH = 1_000  # rows a transaction: a writer on SQLite waits for one batch at the most
LOOK_BACK = 5_000  # ids below the newest sealed one in which each run looks for rows that came late
CHECKPOINT_EVERY = dt.timedelta(minutes=10)  # while rows are written; then every row is looked at, so that none stays behind

_LAST_CHECKPOINT = select(AuditCheckpoint.seq, AuditCheckpoint.at).order_by(AuditCheckpoint.seq.desc()).limit(1)


def seal(db: Database, signer: Signer, settings: Settings) -> int:
    """Seal every row that has no place in the chain yet; how many there were. Several workers may call this at once."""
    sealed = 0
    while True:
        with db.read() as conn:
            above = None if _is_due(conn.execute(_LAST_CHECKPOINT).first()) else _look_from(conn)
            if conn.execute(_waiting(above).limit(1)).first() is None and not _has_news(conn, above):
                return sealed
        with db.write() as session:
            count, checkpoint = _seal_batch(session, signer, above)
        if checkpoint is not None and settings.checkpoint_dir is not None:
            append_checkpoint(settings.checkpoint_dir, checkpoint)
        sealed += count
        if count < BATCH:
            return sealed


def unsealed(db: Database) -> int:
    """How many rows have no place yet: a few seconds' worth while a worker runs."""
    waiting = select(func.count()).select_from(_waiting(None).order_by(None).subquery())
    with db.read() as conn:
        return int(conn.execute(waiting).scalar_one())


def _is_due(last: Row[int, dt.datetime] | None) -> bool:
    return last is None or clock.now() - last.at >= CHECKPOINT_EVERY


def _has_news(conn: Connection, above: int | None) -> bool:
    """Whether the checkpoint that is due (`above` is None) would say more than the last one."""
    if above is not None:
        return False
    last = conn.execute(_LAST_CHECKPOINT).first()
    newest = conn.execute(select(func.max(AuditLink.seq))).scalar_one()
    return newest is not None and (last is None or last.seq != newest)


def _look_from(conn: Connection) -> int:
    return int(conn.execute(select(func.max(AuditLink.event_id))).scalar_one() or 0) - LOOK_BACK


def _waiting(above: int | None) -> Select[Any]:
    statement = select(*EVENT_COLUMNS).outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id).where(AuditLink.seq.is_(None))
    if above is not None:
        statement = statement.where(AuditEvent.id > above)
    return statement.order_by(AuditEvent.id)


def _seal_batch(session: Session, signer: Signer, above: int | None) -> tuple[int, AuditCheckpoint | None]:
    """Seal up to BATCH rows under the head's lock, and write a checkpoint if one is due."""
    head = _locked_head(session, signer)
    links: list[dict[str, Any]] = []
    seq, hash_ = head.seq, head.hash
    for row in session.execute(_waiting(above).limit(BATCH)).all():
        seq, hash_ = seq + 1, link_hash(hash_, row)
        links.append({"seq": seq, "event_id": row.id, "hash": hash_})
    if links:
        session.execute(insert(AuditLink), links)
        head.seq, head.hash, head.signature = seq, hash_, signer.mac(PURPOSE, head_message(seq, hash_))
    return len(links), _checkpoint(session, signer, head)


def _locked_head(session: Session, signer: Signer) -> AuditHead:
    """Where the chain ends, locked. A head that was not signed so is not built on: that would sign what someone forged."""
    first = {"id": 1, "seq": 0, "hash": START, "signature": signer.mac(PURPOSE, head_message(0, START))}
    session.execute(insert_into(session, AuditHead).values(first).on_conflict_do_nothing())
    head = session.execute(select(AuditHead).where(AuditHead.id == 1).with_for_update()).scalar_one()
    if not signer.verify(PURPOSE, head_message(head.seq, head.hash), head.signature):
        raise AuditBroken("the audit chain's head is not what was signed")
    if (session.execute(select(func.max(AuditLink.seq))).scalar_one() or 0) != head.seq:
        raise AuditBroken("the audit chain does not end where its head says")
    return head


def _checkpoint(session: Session, signer: Signer, head: AuditHead) -> AuditCheckpoint | None:
    """A signed checkpoint at the chain's end, if the last one is old; one place has one checkpoint."""
    now, last = clock.now(), session.execute(_LAST_CHECKPOINT).first()
    if head.seq == 0 or not _is_due(last) or (last is not None and last.seq == head.seq):
        return None
    signature = signer.mac(PURPOSE, checkpoint_message(head.seq, now, head.hash))
    made = AuditCheckpoint(seq=head.seq, at=now, hash=head.hash, signature=signature)
    session.add(made)
    return made
