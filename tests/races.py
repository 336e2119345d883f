"""Several people at the very same moment: each in a thread of their own, none before all stand at the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from app.core.errors import Refusal

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T | Refusal]:
    """What each returned, or how it was refused, in the order given. Whatever else goes wrong is raised."""
    line = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Refusal:
        line.wait(timeout=60)
        try:
            return act()
        except Refusal as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as threads:
        return [result.result() for result in [threads.submit(run, act) for act in acts]]
