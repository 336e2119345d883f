"""Where acts are carried out. On PostgreSQL on the event loop, each act a transaction (core/loop.py). SQLite has one writer at a time and
waits for the disk at each commit: there a thread of its own carries them out, and acts that are waiting anyway share a transaction. None is
answered before its commit is done. If one of them is refused, nothing of it happened, and each is carried out again by itself: so an act
does nothing but what its session undoes (docs/decisions/0005)."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.core.db import Database

T = TypeVar("T")
Act = Callable[[Session], Any]
TOGETHER = 16  # acts in one commit: enough for all who wait at once, few enough that nobody waits long


class Writers:
    """One for each server. `carry_out` is for the event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: queue.SimpleQueue[tuple[Act, Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="write", daemon=True)
        if db.is_sqlite:
            self._thread.start()

    async def carry_out(self, act: Callable[[Session], T]) -> T:
        """What the act returns, once it is committed; an act that raises is undone, and no other with it."""
        if self._db.is_sqlite:
            return await asyncio.wrap_future(self.submit(act))
        return await self._db.on_loop.write(act)

    def submit(self, act: Callable[[Session], T]) -> Future[T]:
        """The same as a future, for SQLite."""
        future: Future[T] = Future()
        self._waiting.put((act, future))
        return future

    def _alone(self, act: Callable[[Session], T]) -> T:
        with self._db.write() as session:
            return act(session)

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            if not first[1].set_running_or_notify_cancel():
                continue  # nobody waits for it any more, and it has not begun
            taken = [first]
            try:
                results = self._db.write_together(act for act, _ in self._those_waiting(taken))
            except BaseException:  # one was refused, or the commit failed: nothing happened, so each is tried by itself
                for act, future in taken:
                    self._settle(act, future)
                continue
            for (_, future), result in zip(taken, results, strict=True):
                future.set_result(result)

    def _settle(self, act: Act, future: Future[Any]) -> None:
        try:
            result = self._alone(act)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _those_waiting(self, taken: list[tuple[Act, Future[Any]]]) -> Iterator[tuple[Act, Future[Any]]]:
        """The first act, and whatever waits by the time the ones before it have run."""
        yield taken[0]
        while len(taken) < TOGETHER:
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return
            if item is None:
                self._waiting.put(None)
                return
            if item[1].set_running_or_notify_cancel():
                taken.append(item)
                yield item

    def close(self) -> None:
        """Finish what was submitted, then stop."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()
