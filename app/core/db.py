"""The database: how it is opened, and the only place that commits.

Reads run on kept connections in autocommit (no BEGIN), one a thread. Writes are one transaction each: BEGIN IMMEDIATE on
SQLite, so that a writer waits at its start and never fails in the middle; READ COMMITTED with row locks on PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from app.core.config import Settings

if TYPE_CHECKING:
    from app.core.loop import LoopDatabase

T = TypeVar("T")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


def _from_text(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware moment: timestamptz on PostgreSQL, ISO text in UTC on SQLite (which has no zones and sorts it as text)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(dt.UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """On SQLite in one step: pages read dozens of moments each."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # this module says BEGIN itself
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-4000",
        "temp_store=MEMORY", "mmap_size=0", "wal_autocheckpoint=2000",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


_serial = itertools.count(1)


def serial_of(conn: Connection) -> int:
    """Which Database of this process a connection belongs to: part of the key of whatever is kept in memory."""
    serial: int = conn.get_execution_options()["database"]
    return serial


def is_settled(conn: Connection) -> bool:
    """Whether all that it reads is committed, so that it may be kept by its version. Within an act it is not: the act may be undone, and
    the same version then be another's."""
    return "settled" in conn.get_execution_options()


def for_reads(options: dict[str, Any]) -> dict[str, Any]:
    """An engine's options for one that is read from, each statement by itself."""
    return {**options, "execution_options": {**options["execution_options"], "settled": True}, "pool_reset_on_return": None}


class OverBudget(Exception):
    """A read that was tried on the event loop is too long for it, and is run again in a thread."""


_tried: ContextVar[bool] = ContextVar("tried", default=False)


@contextmanager
def tried_on_loop() -> Iterator[None]:
    """A read is tried on the event loop within the block; whoever tries it catches OverBudget and runs it in a thread."""
    token = _tried.set(True)
    try:
        yield
    finally:
        _tried.reset(token)


def leave_loop() -> None:
    """What follows is long: a read that is tried on the event loop begins again in a thread. Elsewhere nothing happens. A budget counts
    no steps within FTS5, and none of Python's."""
    if _tried.get():
        raise OverBudget


class Database:
    """Two engines on one database, one for reads and one for writes. Threads, commands and the worker use them; a server's requests use
    SQLite's through them too, and PostgreSQL's on the event loop (`on_loop`)."""

    # Of SQLite's machine: what a read on the event loop may take, about 5 ms, and how often it is asked.
    budget_steps, steps_a_call = 150_000, 10_000

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._local = threading.local()
        self._kept: list[Connection] = []
        common: dict[str, Any] = {"poolclass": QueuePool, "pool_size": pool_size, "max_overflow": 8}
        common["hide_parameters"] = True  # an error's text goes into the log, and members' words don't
        common["execution_options"] = {"database": next(_serial)}
        self._options = common
        self._url = url
        self._loop: LoopDatabase | None = None
        if self.is_sqlite:
            common["connect_args"] = {"check_same_thread": False, "timeout": 5}
            self.writer: Engine = create_engine(url, **common)
            self.reader: Engine = create_engine(url, **for_reads(common))
            for engine in (self.writer, self.reader):
                event.listen(engine, "connect", _prepare_sqlite)
            event.listen(self.reader, "connect", self._watch_steps)
            event.listen(self.writer, "begin", _begin_immediate)
        else:
            self.writer = create_engine(url, pool_pre_ping=True, **common)
            self.reader = create_engine(url, isolation_level="AUTOCOMMIT", **for_reads(common))

    @property
    def on_loop(self) -> LoopDatabase:
        """PostgreSQL for work on the event loop; opened when it is first asked for."""
        if self._loop is None:
            from app.core.loop import LoopDatabase  # not needed by commands, nor on SQLite

            options = {name: value for name, value in self._options.items() if name != "poolclass"}
            self._loop = LoopDatabase(self._url, **options)
        return self._loop

    @property
    def engines(self) -> tuple[Engine, ...]:
        """All there are, to listen to what they do."""
        return (self.reader, self.writer) if self.is_sqlite else (self.reader, self.writer, *self.on_loop.engines)

    def _watch_steps(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(self._used_up, self.steps_a_call)

    def _used_up(self) -> int:
        """Called by SQLite every `steps_a_call` steps of its machine; a true answer stops the statement."""
        left: int | None = getattr(self._local, "steps_left", None)
        if left is None:
            return 0
        self._local.steps_left = left - self.steps_a_call
        return left <= 0

    @contextmanager
    def budget(self) -> Iterator[None]:
        """Within the block this thread's SQLite reads may take `budget_steps` in all; then OverBudget."""
        self._local.steps_left = self.budget_steps
        try:
            yield
        except DBAPIError as error:
            if self._local.steps_left is not None and self._local.steps_left < 0:
                raise OverBudget from error
            raise
        finally:
            self._local.steps_left = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """This thread's kept connection, in autocommit, or that of the work on the loop which asks. A broken one is thrown away, so
        that the next read gets a new one."""
        current = None if self._loop is None else self._loop.current()
        if current is not None:
            yield current
            return
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed or connection.invalidated:
            connection = self._local.connection = self.reader.connect()
            self._kept.append(connection)
        try:
            yield connection
        except DBAPIError as error:
            self._drop(connection, error)
            raise

    def _drop(self, connection: Connection, error: DBAPIError | None = None) -> None:
        self._local.connection = None
        if connection in self._kept:
            self._kept.remove(connection)
        if error is None or error.connection_invalidated:
            connection.invalidate()
        connection.close()

    def read_anew(self) -> None:
        """This thread's next read has a new connection. One to SQLite keeps the last 128 statements: with a thousand numbers in each, they
        are half a megabyte each."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._drop(connection)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises. Nobody else commits."""
        with Session(self.writer, expire_on_commit=False, autoflush=True) as session, session.begin():
            yield session

    def write_together(self, acts: Iterator[Callable[[Session], Any]]) -> list[Any]:
        """Several acts in one transaction: what each returned. All of them are committed when this returns; when it raises, none
        happened, whichever of them it was that raised."""
        with self.writer.connect() as connection:
            return committed(connection, lambda: [carried_out(connection, act) for act in acts])

    async def aclose(self) -> None:
        """Close what the loop holds, then the rest."""
        if self._loop is not None:
            await self._loop.close()
        self.close()

    def close(self) -> None:
        for connection in self._kept:
            connection.close()
        self._kept.clear()
        self.writer.dispose()
        self.reader.dispose()


def committed(connection: Connection, work: Callable[[], T], then: Callable[[], None] = lambda: None) -> T:
    """What `work` returns, in one transaction on this connection. `then` is told when nothing but the commit is left."""
    with connection.begin():
        result = work()
        then()
    return result


def carried_out(connection: Connection, act: Callable[[Session], T]) -> T:
    """One act on a connection that is in a transaction; everything it did has reached the database when this returns."""
    with Session(connection, expire_on_commit=False) as session:
        result = act(session)
        session.flush()
        return result


def open_database(settings: Settings, pool_size: int = 8) -> Database:
    if settings.is_sqlite:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Database(settings.url, pool_size)
