"""A bounded store of what was made once: least recently asked for goes first. For one process; nothing here is shared or lasting."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """`limit` is the sum of the sizes given with each value: characters, or 1 for each."""

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105  # suppress() would cost more than the rest of this, which pages do dozens of times
            self._kept.move_to_end(key)
        except KeyError:  # another thread's put may just have made room of it
            pass
        return found[0]

    def put(self, key: K, value: V, size: int = 1) -> None:
        before = self._kept.pop(key, None)
        self._size += size - (before[1] if before else 0)
        self._kept[key] = (value, size)
        while self._size > self._limit and self._kept:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone
