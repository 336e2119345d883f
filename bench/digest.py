"""The digest run: 100,000 members who each said for each of 40 forums how they want it, and a day of 2,000 new messages, partly read.

Two steps (`bench.steps`): `python -m bench.digest prepare 100000`, then `python -m bench.digest run`.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, event, func, insert, select, update
from sqlalchemy.orm import Session

from app import seeding
from app.core import clock, markup
from app.core.config import Settings
from app.core.db import Database
from app.forum.markings import Marking
from app.forum.models import ReadMark, Reply, Thread, ThreadKind
from app.mail.digest import schedule
from app.mail.digest.run import mark_done, queue_digests
from app.mail.models import Detail, DigestSettings, DigestSlot, ForumLevel, Level, OutboxMessage
from app.membership.models import Member
from bench.processes import memory
from bench.steps import take

FORUMS, THREADS, REPLIES = 40, 20_000, 200_000
NEW, NEW_THREADS, OLD_THREADS = 2_000, 250, 350  # messages of the day, threads that it begins, and older ones that go on
HOUR = 7
LEVELS = (Level.DAILY, Level.DAILY, Level.DAILY, Level.WEEKLY, Level.NONE)
CONTENTS = (Detail.FULL, Detail.FULL, Detail.FULL, Detail.FULL, Detail.HEADLINES, Detail.LINKS)
READ = 20  # threads of the day that each member has read some way into, on average
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
        mark_done(session, ids, slot - schedule.DAY)
        conn = session.connection()
        _day(conn, members, slot, chance)
        new = [
            (r[0], r[1]) for r in conn.execute(select(Thread.id, Thread.last_position).where(Thread.last_reply_at > slot - schedule.DAY))
        ]
        _fill(conn, ForumLevel, _levels(ids, chance))
        _fill(conn, DigestSettings, _settings(ids, chance))
        _fill(conn, ReadMark, _marks(ids, new, chance, slot))
        conn.exec_driver_sql("ANALYZE")


def _day(conn: Connection, members: int, slot: dt.datetime, chance: random.Random) -> None:
    """The day's messages: some begin threads, the others go on with these or with older ones."""
    older = conn.execute(select(Thread.id, Thread.last_position).order_by(Thread.id.desc()).limit(OLD_THREADS))
    last = {row.id: row.last_position for row in older}
    begin = slot - schedule.DAY
    times = [begin + dt.timedelta(seconds=60 + n * 86_000 / NEW) for n in range(NEW)]
    words = ["radio", "bridge", "patrol", "lesson", "county", "shift", "report", "overtime", "grant", "dispatch"]
    for n, at in enumerate(times):
        author = _author(chance.randint(1, members))
        is_opening = n % (NEW // NEW_THREADS) == 0
        thread = max(last) + 1 if is_opening else chance.choice(list(last))
        if is_opening:
            last[thread] = -1
            conn.execute(insert(Thread.__table__), _thread(thread, n, author, at))  # type: ignore[arg-type]
        last[thread] += 1
        body = " ".join(chance.choices(words, k=100)) + ".\n\n- " + " ".join(chance.choices(words, k=12))
        row = {"thread_id": thread, "position": last[thread], "body": body, "html": markup.render(body).html, "created_at": at, **author}
        conn.execute(insert(Reply.__table__), row)  # type: ignore[arg-type]
        moved = update(Thread.__table__).where(Thread.id == thread)  # type: ignore[arg-type]
        conn.execute(moved.values(last_position=last[thread], last_reply_at=at, last_reply_by=author["author_id"]))


def _author(member: int) -> dict[str, Any]:
    agency = f"Town {member % seeding.AGENCIES + 1} PD"
    return {"author_id": member, "author_rank": "Chief", "author_class": "head", "author_agency": agency}


def _thread(thread: int, n: int, author: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    return {
        "id": thread, "forum_id": thread % FORUMS + 1, "kind": list(ThreadKind)[n // 8 % 3], "title": f"What came of it {thread}",
        "marking": Marking.GREEN, "created_at": at, "last_reply_at": at, "last_reply_by": author["author_id"], **author,
    }  # fmt: skip


def _levels(ids: list[int], chance: random.Random) -> Iterator[dict[str, Any]]:
    return ({"member_id": m, "forum_id": f, "level": chance.choice(LEVELS).value} for m in ids for f in range(1, FORUMS + 1))


def _settings(ids: list[int], chance: random.Random) -> Iterator[dict[str, Any]]:
    for m in ids:
        yield {"member_id": m, "on": True, "hour": HOUR, "weekday": m % 7, "time_zone": "", "content": chance.choice(CONTENTS).value,
               "quiet_weekend": False, "serial": 0}  # fmt: skip


def _marks(ids: list[int], new: list[tuple[int, int]], chance: random.Random, at: dt.datetime) -> Iterator[dict[str, Any]]:
    for m in ids:
        for thread, last in chance.sample(new, min(len(new), chance.randint(0, 2 * READ))):
            yield {"member_id": m, "thread_id": thread, "position": chance.randint(0, last), "read_at": at}


def _fill(conn: Connection, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Millions of rows: PostgreSQL takes them as a stream."""
    table = model.__table__
    if conn.dialect.name != "postgresql":
        while chunk := list(islice(rows, CHUNK)):
            conn.execute(insert(table), chunk)
        return
    first = next(rows)
    names = ", ".join(f'"{name}"' for name in first)
    with conn.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        copy.write_row(tuple(first.values()))
        for row in rows:
            copy.write_row(tuple(row.values()))


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
    before, writing = memory(os.getpid())["rss"], _timed(db)
    with clock.at(lambda: at):
        began, worked = time.perf_counter(), time.process_time()
        queued = queue_digests(db, settings, at)
        seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    counted, members = statements[0], _count(db, DigestSlot, DigestSlot.slot_at > at - schedule.DAY)
    quarter = sizes[len(sizes) // 4] if sizes else before
    return {
        "members": members, "queued": queued, "seconds": seconds, "rate": members / seconds,
        "made": members / (seconds - sum(writing)), "cpu_ms": cpu / members * 1000,
        "queries_50": counted / members * 50, "before": before, "quarter": quarter, "peak": memory(os.getpid())["peak"],
        "messages": _count(db, Reply, Reply.created_at > at - schedule.DAY), "bytes": _bytes(db),
    }  # fmt: skip


def _timed(db: Database) -> list[float]:
    """How long each transaction takes that writes: what is left is choosing and rendering."""
    write, spent = db.write, list[float]()

    @contextmanager
    def timed() -> Iterator[Session]:
        began = time.perf_counter()
        try:
            with write() as session:
                yield session
        finally:
            spent.append(time.perf_counter() - began)

    db.write = timed  # type: ignore[method-assign]
    return spent


def _count(db: Database, model: Any, where: Any) -> int:
    with db.read() as conn:
        return int(conn.execute(select(func.count()).select_from(model).where(where)).scalar_one())


def _bytes(db: Database) -> float:
    """The mean length of a message that was queued."""
    with db.read() as conn:
        return float(conn.execute(select(func.avg(func.length(OutboxMessage.raw)))).scalar_one() or 0)


if __name__ == "__main__":
    take(prepare, run, 100_000)
