"""PostgreSQL from the event loop: plain code that gives way to others while a statement of its waits for its answer.

SQLAlchemy runs the code in a greenlet on an asyncio connection (AsyncConnection.run_sync). Nothing hops to a thread, and no two threads
fight for the interpreter (docs/decisions/0008).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncCursor, Column
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import Session

from app.core.db import carried_out, committed, for_reads

T = TypeVar("T")
AT_ONCE = 8  # reads, and as many acts: more only wait for the processor


@dataclass(slots=True)
class _Turn:
    """One piece of work on the loop. `is_kept` once its commit was asked for: then nobody knows what became of it until it answers."""

    owner: LoopDatabase
    connection: Connection
    is_kept: bool = False

    def keep(self) -> None:
        self.is_kept = True


_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)


class _Columns(Sequence[Column]):
    """A result's columns, each described when it is asked for."""

    def __init__(self, cursor: AsyncCursor[Any], number: int) -> None:
        self._cursor, self._number = cursor, number

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, i: Any) -> Any:
        at = range(self._number)[i]
        return Column(self._cursor, at) if isinstance(at, int) else [Column(self._cursor, n) for n in at]


class _Cursor(AsyncCursor[Any]):
    """SQLAlchemy wants to know of each result whether it has columns; which they are it knows of a statement that it ran before. To
    describe them anyway was a twentieth of a page."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        return None if result is None or result.status != ExecStatus.TUPLES_OK else _Columns(self, result.nfields)


class _Lane:
    """Connections of one engine that stay open, and how many pieces of work have one at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._idle: list[AsyncConnection] = []
        self._free = asyncio.Semaphore(AT_ONCE)

    async def run(self, function: Callable[[Connection, Callable[..., T]], T], work: Callable[..., T]) -> T:
        """What `function` makes of the work, on a connection."""
        async with self._free:
            return await _twice(lambda: self._run(function, work))

    async def _run(self, function: Callable[[Connection, Callable[..., T]], T], work: Callable[..., T]) -> T:
        connection = self._idle.pop() if self._idle else await self.engine.connect()
        try:
            result = await connection.run_sync(function, work)
        except (DBAPIError, CommitLost) as error:
            await _throw_away(connection)
            if isinstance(error, CommitLost) or error.connection_invalidated:  # what broke one connection mostly broke them all
                await self._forget_idle()
            raise
        except Exception:
            await self._put_back(connection)
            raise
        except BaseException:  # cancelled in the middle of a statement: nobody knows what its connection does now
            await _throw_away(connection)
            raise
        await self._put_back(connection)
        return result

    async def _put_back(self, connection: AsyncConnection) -> None:
        """Unless it broke, and the work told of it as something else, or not at all."""
        if connection.invalidated:
            await _throw_away(connection)
        else:
            self._idle.append(connection)

    async def _forget_idle(self) -> None:
        while self._idle:
            await _throw_away(self._idle.pop())

    async def close(self) -> None:
        for connection in self._idle:
            await connection.close()
        self._idle.clear()
        await self.engine.dispose()


class LoopDatabase:
    """Reads in autocommit, acts each in a transaction of its own, both on kept connections. Used from one event loop."""

    def __init__(self, url: str, **options: Any) -> None:
        options = {**options, "connect_args": {**options.get("connect_args", {}), "cursor_factory": _Cursor}}
        address = make_url(url).set(drivername="postgresql+psycopg_async")
        self._readers = _Lane(create_async_engine(address, isolation_level="AUTOCOMMIT", **for_reads(options)))
        self._writers = _Lane(create_async_engine(address, **options))

    @property
    def engines(self) -> tuple[Engine, Engine]:
        return self._readers.engine.sync_engine, self._writers.engine.sync_engine

    def current(self) -> Connection | None:
        """The connection of the work that this is called from, if that runs on the loop."""
        turn = _turn.get()
        return turn.connection if turn is not None and turn.owner is self else None

    async def read(self, work: Callable[[], T]) -> T:
        """What `work` returns. Within it `Database.read()` gives the connection."""
        return await self._readers.run(self._read, work)

    async def write(self, act: Callable[[Session], T]) -> T:
        """What `act` returns, once it is committed. What it raises undoes it."""
        return await self._writers.run(self._carry_out, act)

    def _read(self, connection: Connection, work: Callable[[], T]) -> T:
        token = _turn.set(_Turn(self, connection))
        try:
            return work()
        finally:
            _turn.reset(token)

    def _carry_out(self, connection: Connection, act: Callable[[Session], T]) -> T:
        turn = _Turn(self, connection)
        token = _turn.set(turn)
        try:
            return committed(connection, lambda: carried_out(connection, act), turn.keep)
        except DBAPIError as error:
            if turn.is_kept and error.connection_invalidated:
                raise CommitLost from error
            raise
        finally:
            _turn.reset(token)

    async def close(self) -> None:
        await self._readers.close()
        await self._writers.close()


async def _throw_away(connection: AsyncConnection) -> None:
    await connection.invalidate()
    await connection.close()


class CommitLost(Exception):
    """The connection was lost while a commit was under way: it may or may not have happened, so it is not tried again."""


async def _twice(turn: Callable[[], Awaitable[T]]) -> T:
    """A connection that broke while it lay idle is found out by its next statement; the work has done nothing yet, so it is run again."""
    try:
        return await turn()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return await turn()
