"""Keeping the index: in the transaction of the act itself, so that a message is found as soon as it stands, and never after it is gone."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core import clock, jobs
from app.core.db import Database
from app.core.sql import is_one_of
from app.core.together import Said
from app.forum.operations.writing import forum_changed
from app.forum.searching import access as forum
from app.search import documents, triggers
from app.search.engines import engine_of, why_of
from app.search.models import INDEX, TITLES, SearchDoc

log = logging.getLogger(__name__)
BATCH = 400
SLICE = 50  # batches of one job: well within its lease
MERGED, _LEAST = 500, 2
_CHANGES = text("SELECT total_changes()")
REBUILD, THREAD, AGAIN = "search.rebuild", "search.thread", "search.again"
SOON = dt.timedelta(seconds=30)
_T: Any = SearchDoc.__table__
_INSERT = insert(_T)
_GONE = delete(_T).where(is_one_of(_T.c.reply_id, "ids"))


class Index:
    """What the forum tells of messages."""

    def replied(self, session: Session, thread: Any, message: dict[str, Any]) -> list[Said]:
        conn, again = session.connection(), jobs.queued(AGAIN, {"messages": [message["id"]]}, clock.now() + SOON)
        return engine_of(conn).put_new(conn, documents.of_reply(session, thread, message), again)

    def messages_changed(self, session: Session, reply_ids: list[int]) -> None:
        session.flush()
        _spared(session, reply_ids)

    def thread_changed(self, session: Session, thread_id: int) -> None:
        """Its messages may be many: the opening one now, the others in a job. Until then a search finds too little, never too much."""
        session.flush()
        ids = forum.ids_of_thread(session, thread_id)
        _spared(session, ids[:BATCH])
        if len(ids) > BATCH:
            jobs.enqueue(session, THREAD, {"thread": thread_id})
        forum_changed(session, forum.forum_of(session, thread_id))


INDEXING = Index()


def _spared(session: Session, reply_ids: list[int]) -> None:
    """A broken index must not stop anybody from writing (L13). What of it was written is undone, so that the rest of the act stands; the
    worker tries again for some hours, and after that `squadroom search rebuild` makes the index anew."""
    try:
        with session.begin_nested():
            take_in(session, reply_ids)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        jobs.enqueue(session, AGAIN, {"messages": reply_ids, "why": why_of(error)}, clock.now() + SOON)


def take_in(session: Session, reply_ids: list[int]) -> int:
    """Write anew what is known of these messages; how many rows there are of them."""
    conn, ids = session.connection(), {"ids": json.dumps(reply_ids)}
    engine_of(conn).forget(conn, ids["ids"])
    conn.execute(_GONE, ids)
    # In the order of their ids: FTS5 begins another segment for each that is lower than the one before.
    rows = sorted(documents.of_messages(session, reply_ids), key=lambda row: row["id"])
    if rows:
        _put(conn, rows)
    return len(rows)


def _put(conn: Connection, rows: list[dict[str, Any]]) -> None:
    conn.execute(_INSERT, rows)
    engine_of(conn).put(conn, rows)


def empty(db: Database) -> None:
    """Away with all of it: on SQLite with its full-text table, which may be what is broken."""
    with db.write() as session:
        conn = session.connection()
        if conn.dialect.name == "sqlite":
            for name in (INDEX, TITLES):
                conn.execute(text(f"DROP TABLE IF EXISTS {name}"))
        conn.execute(delete(_T))
        if conn.dialect.name == "sqlite":
            for statement in triggers.SQLITE:
                conn.execute(text(statement))


# Jobs -----------------------------------------------------------------------------------------------------------------------


@jobs.handler(AGAIN)
def _again(db: Database, payload: dict[str, Any]) -> None:
    """What could not be written when its act was done. Who searched meanwhile finds it from now on."""
    ids: list[int] = payload["messages"]
    log.error("the search index was not written for messages %s (%s), and is tried again", ids, payload.get("why", ""))
    with db.write() as session:
        take_in(session, ids)
        for forum_id in forum.forums_of(session, ids):
            forum_changed(session, forum_id)


@jobs.handler(THREAD)
def _thread(db: Database, payload: dict[str, Any]) -> None:
    with db.read() as conn:
        ids = forum.ids_of_thread(conn, payload["thread"])
    for start in range(0, len(ids), BATCH):
        with db.write() as session:
            take_in(session, ids[start : start + BATCH])
    if ids:  # as above
        with db.write() as session:
            forum_changed(session, forum.forum_of(session, payload["thread"]))


@jobs.handler(REBUILD)
def _rebuild(db: Database, payload: dict[str, Any]) -> None:
    """Some of it; the rest is another job."""
    after = int(payload.get("after", 0))
    for _ in range(SLICE):
        ids = step(db, after)
        if not ids:
            settle(db)
            return
        after = ids[-1]
    with db.write() as session:
        jobs.enqueue(session, REBUILD, {"after": after})


def step(db: Database, after: int) -> list[int]:
    """Take in the next messages after this id; which they were."""
    with db.write() as session:
        ids = forum.ids_after(session, after, BATCH)
        if ids:
            take_in(session, ids)
    return ids


def everything(db: Database) -> int:
    """Take in all messages; how many there are."""
    count, after = 0, 0
    while ids := step(db, after):
        count, after = count + len(ids), ids[-1]
    settle(db)
    return count


def settle(db: Database) -> None:
    """Merge what many messages at once left in pieces, a few pages a transaction: else the next who post do it. On PostgreSQL count the
    words: how far a search looks at once goes by that."""
    if not db.is_sqlite:
        with db.write() as session:
            session.execute(text("ANALYZE search_docs"))
        return
    _forget_figures(db)
    for name in (INDEX, TITLES):
        pages = -MERGED  # below zero: begin with all pieces there are
        while _merged(db, name, pages) >= _LEAST:
            pages = MERGED


def _forget_figures(db: Database) -> None:
    """An ANALYZE while there was nothing says that FTS5's own tables have two rows. Then SQLite reads all of them to take one away, which
    made every fifteenth reply wait for a third of a second."""
    with db.write() as session:
        conn = session.connection()
        if conn.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")).first() is not None:
            conn.execute(text("DELETE FROM sqlite_stat1 WHERE tbl LIKE :ours"), {"ours": f"{INDEX}%"})


def _merged(db: Database, name: str, pages: int) -> int:
    """How much there was to do, in FTS5's own count: less than 2 is nothing."""
    with db.write() as session:
        conn = session.connection()
        before: int = conn.execute(_CHANGES).scalar_one()
        conn.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', {pages:d})"))  # noqa: S608  # a name of ours
        return int(conn.execute(_CHANGES).scalar_one()) - before
