"""Work for the worker, in our own database: queued in the act's transaction, claimed by lease, run at least once.

A job is shallow: a kind and a small payload (ids). Its function loads, does one operation, and may be run twice without harm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Index, String, Text, delete, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import Base, Database, UtcDateTime
from app.core.together import Said, write

LEASE = dt.timedelta(minutes=5)
RETRIES = (60, 300, 1800, 7200, 21600)  # seconds before each further try; after the last the job rests as failed


_HAS_KEY = text("key IS NOT NULL")


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "state", "run_at"),
        Index("ix_jobs_key", "key", sqlite_where=_HAS_KEY, postgresql_where=_HAS_KEY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued, failed; a job that is done is deleted
    run_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str | None] = mapped_column(String(80))  # by which it can be taken back before anybody has begun with it


Handler = Callable[[Database, dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register a function for a kind of job. A kind nobody registered fails, visibly."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


_INSERT = insert(Job.__table__)  # type: ignore[arg-type]  # Core on purpose: each message that is posted enqueues one


def queued(kind: str, payload: dict[str, Any], run_at: dt.datetime | None = None, key: str | None = None) -> Said:
    """A job, to be written with other things."""
    at = run_at or clock.now()
    return Said(_INSERT, {"kind": kind, "payload": payload, "state": "queued", "run_at": at, "attempts": 0, "error": "", "key": key})


def enqueue(session: Session, kind: str, payload: dict[str, Any], run_at: dt.datetime | None = None, key: str | None = None) -> None:
    write(session, queued(kind, payload, run_at, key))


def take_back(session: Session, key: str) -> bool:
    """Undo `enqueue`. False: a worker has begun with it, or is done."""
    mine = delete(Job).where(Job.key == key, Job.state == "queued", Job.attempts == 0, Job.leased_until.is_(None))
    return bool(session.connection().execute(mine).rowcount)


def claim(db: Database, limit: int = 20) -> list[tuple[int, str, dict[str, Any]]]:
    """Lease up to `limit` due jobs. Two workers never hold the same one; a dead worker's come back when the lease is over."""
    now = clock.now()
    due = (
        select(Job.id)
        .where(Job.state == "queued", Job.run_at <= now, (Job.leased_until.is_(None)) | (Job.leased_until <= now))
        .order_by(Job.run_at, Job.id)
        .limit(limit)
    )
    if not db.is_sqlite:
        due = due.with_for_update(skip_locked=True)
    statement = (
        update(Job)
        .where(Job.id.in_(due.scalar_subquery()))
        .values(leased_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.run_at)
        .execution_options(synchronize_session=False)
    )
    with db.write() as session:
        claimed = session.execute(statement).all()  # in no order that PostgreSQL promises
    return [(row.id, row.kind, row.payload) for row in sorted(claimed, key=lambda row: (row.run_at, row.id))]


def run(db: Database, job_id: int, kind: str, payload: dict[str, Any]) -> None:
    """Run one claimed job and close it, or note its error and when it is tried again."""
    try:
        _handlers[kind](db, payload)
    except Exception as error:  # one job's failure must not end the loop
        _failed(db, job_id, error)
        return
    with db.write() as session:
        job = session.get(Job, job_id)
        if job is not None:
            session.delete(job)


def _failed(db: Database, job_id: int, error: Exception) -> None:
    with db.write() as session:
        job = session.get(Job, job_id)
        if job is None:
            return
        job.error, job.leased_until = f"{type(error).__name__}: {error}"[:2000], None
        if job.attempts > len(RETRIES):
            job.state = "failed"
        else:
            job.run_at = clock.now() + dt.timedelta(seconds=RETRIES[job.attempts - 1])


def run_due(db: Database) -> int:
    """Run every job that is due now; how many there were."""
    done = 0
    while claimed := claim(db):
        for job in claimed:
            run(db, *job)
        done += len(claimed)
    return done
