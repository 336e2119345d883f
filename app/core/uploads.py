"""A file on its way in, as a route's package takes it and the HTTP toolkit hands it over: piece by piece, never whole in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.core.config import Settings


class Taken(Protocol):
    """A file that was judged and written, and that nobody refers to yet. `discard` where the act that wanted it was refused."""

    def discard(self) -> None: ...


class Sink(Protocol):
    """Where a file's bytes go. `finish` judges it and makes it last, or raises Invalid for the file's field; it runs in a thread."""

    def write(self, data: bytes) -> None: ...

    def finish(self, name: str) -> Taken: ...

    def discard(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Takes:
    """That a route takes a file in a field of this name, of at most so many bytes, and where it goes; or several, at most so many bytes
    in all."""

    open: Callable[[Settings], Sink]
    most: int
    field: str = "file"
    count: int = 1
    in_all: int = 0

    @property
    def most_in_all(self) -> int:
        return self.in_all or self.most * self.count


class _Nowhere:
    def write(self, data: bytes) -> None:
        """Gone."""

    def finish(self, name: str) -> Taken:
        return self

    def discard(self) -> None:
        """Nothing is there."""


PASSED_BY = Takes(lambda _: _Nowhere(), most=300_000_000, count=50, in_all=300_000_000)
"""For a button of a form with a file that does something else with the form: the files are read past."""
