"""The one place that asks what time it is, so that tests and `--at` can say."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _system() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


_source: Callable[[], dt.datetime] = _system


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return _source()


@contextmanager
def at(moment: dt.datetime | Callable[[], dt.datetime]) -> Iterator[None]:
    """Within the block it is `moment` (aware), or whatever the callable says."""
    global _source
    before = _source
    _source = moment if callable(moment) else lambda: moment
    try:
        yield
    finally:
        _source = before


def running_from(moment: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that says `moment` now and goes on from there: one that stood still would never end a lease."""
    began = time.monotonic()
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - began)
