"""Stored files that no row refers to: of an act that was refused or never came, and of a row that was deleted before its bytes were."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

from sqlalchemy import Connection

from app.core import clock
from app.core.db import Database

LEFT_BEHIND = dt.timedelta(hours=1)  # a form that brings a file is answered long before
_TOGETHER = 500


class Store(Protocol):
    def names(self, before: dt.datetime) -> Iterator[str]: ...

    def remove(self, name: str) -> None: ...


def take_away(db: Database, store: Store, kept_names: Callable[[Connection, list[str]], set[str]]) -> int:
    """How many there were. `kept_names`: those of some names that a row refers to."""
    done = 0
    names = store.names(clock.now() - LEFT_BEHIND)
    while some := list(itertools.islice(names, _TOGETHER)):
        with db.read() as conn:
            kept = kept_names(conn, some)
        for name in set(some) - kept:
            store.remove(name)
            done += 1
    return done
