"""The digest run: 10,000 members who each said for each of 40 forums how they want it, and a day's threads, partly read.

Each step runs in a process of its own, so that memory is the run's alone:
`python -m bench.digest prepare` with SQUADROOM_DATA_DIR and SQUADROOM_DATABASE_URL set, then `python -m bench.digest run`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, func, insert, select

from app import seeding
from app.commands import schema
from app.core import clock
from app.core.config import Settings, load
from app.core.db import Database, open_database
from app.forum.models import ReadMark, Reply, Thread
from app.mail.digest import schedule
from app.mail.digest.run import mark_done, queue_digests
from app.mail.models import Detail, DigestSettings, DigestSlot, ForumLevel, Level, OutboxMessage
from app.membership.models import Member
from app.wiring import wire
from bench.processes import memory

FORUMS, THREADS, REPLIES = 40, 20_000, 200_000
HOUR = 7
LEVELS = (Level.DAILY, Level.DAILY, Level.DAILY, Level.WEEKLY, Level.NONE)
CONTENTS = (Detail.FULL, Detail.FULL, Detail.FULL, Detail.FULL, Detail.HEADLINES, Detail.LINKS)
READ_SHARE = 0.3  # of the day's threads each member has read some way into
CHUNK = 20_000


def prepare(db: Database, settings: Settings, members: int) -> None:
    """A corpus whose last day is told in the coming digest; every member has had that of the day before."""
    seeding.FORUMS = FORUMS
    seeding.seed(db, seeding.Size(members, THREADS, REPLIES))
    at = moment(db, settings)
    slot = schedule.latest_slot(at, HOUR, schedule.zone(settings.time_zone))
    chance = random.Random(1)
    with db.write() as session:
        ids = list(session.execute(select(Member.id)).scalars())
        new = session.execute(select(Thread.id, Thread.last_position).where(Thread.last_reply_at > slot - schedule.DAY)).all()
        mark_done(session, ids, slot - schedule.DAY)
        conn = session.connection()
        for model, rows in (
            (ForumLevel, _levels(ids, chance)),
            (DigestSettings, _settings(ids, chance)),
            (ReadMark, _marks(ids, [(row[0], row[1]) for row in new], chance, slot)),
        ):
            for chunk in _chunks(rows):
                conn.execute(insert(model.__table__), chunk)  # type: ignore[arg-type]
        conn.exec_driver_sql("ANALYZE")


def _levels(ids: list[int], chance: random.Random) -> Iterator[dict[str, Any]]:
    return ({"member_id": m, "forum_id": f, "level": chance.choice(LEVELS).value} for m in ids for f in range(1, FORUMS + 1))


def _settings(ids: list[int], chance: random.Random) -> Iterator[dict[str, Any]]:
    for m in ids:
        yield {"member_id": m, "on": True, "hour": HOUR, "weekday": m % 7, "time_zone": "", "content": chance.choice(CONTENTS).value,
               "quiet_weekend": False, "serial": 0}  # fmt: skip


def _marks(ids: list[int], new: list[tuple[int, int]], chance: random.Random, at: dt.datetime) -> Iterator[dict[str, Any]]:
    for m in ids:
        for thread, last in new:
            if chance.random() < READ_SHARE:
                yield {"member_id": m, "thread_id": thread, "position": chance.randint(0, last), "read_at": at}


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def moment(db: Database, settings: Settings) -> dt.datetime:
    """A minute after the first slot that has the whole corpus behind it."""
    with db.read() as conn:
        newest = conn.execute(select(func.max(Thread.created_at))).scalar_one()
    return schedule.next_slot(newest, HOUR, schedule.zone(settings.time_zone)) + dt.timedelta(minutes=1)


def run(db: Database, settings: Settings) -> dict[str, float]:
    """Choose, render and queue for everyone, timed; nothing is sent."""
    at, statements, sizes = moment(db, settings), [0], []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements[0] += not statement.startswith("BEGIN")
        if "digest_slots" in statement and statement.startswith("INSERT"):
            sizes.append(memory(os.getpid())["rss"])  # once a batch

    for engine in db.engines:
        event.listen(engine, "before_cursor_execute", note)
    before = memory(os.getpid())["rss"]
    with clock.at(lambda: at):
        began, worked = time.perf_counter(), time.process_time()
        queued = queue_digests(db, settings, at)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    counted, members = statements[0], _count(db, DigestSlot, DigestSlot.slot_at > at - schedule.DAY)
    quarter = sizes[len(sizes) // 4] if sizes else before
    return {
        "members": members, "queued": queued, "seconds": seconds, "rate": members / seconds, "cpu_ms": cpu / members * 1000,
        "queries_50": counted / members * 50, "before": before, "quarter": quarter, "peak": memory(os.getpid())["peak"],
        "messages": _count(db, Reply, Reply.created_at > at - schedule.DAY), "bytes": _bytes(db),
    }  # fmt: skip


def _count(db: Database, model: Any, where: Any) -> int:
    with db.read() as conn:
        return int(conn.execute(select(func.count()).select_from(model).where(where)).scalar_one())


def _bytes(db: Database) -> float:
    """The mean length of a message that was queued."""
    with db.read() as conn:
        return float(conn.execute(select(func.avg(func.length(OutboxMessage.raw)))).scalar_one() or 0)


def main() -> None:
    step, members = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    settings = load()
    schema.make_ready(settings)
    wire(settings)
    db = open_database(settings)
    try:
        if step == "prepare":
            prepare(db, settings, members)
        else:
            print(json.dumps(run(db, settings)))
    finally:
        db.close()


if __name__ == "__main__":
    main()
