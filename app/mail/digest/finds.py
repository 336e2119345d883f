"""What a reader's saved searches found since their last digest: asked of the package that keeps searches, which may not be imported here.
Of CLEAR and GREEN a title, of what is stricter a link alone, as everywhere in mail (M6)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.forum.markings import Marking
from app.mail.digest.readers import Reader
from app.mail.models import Detail, strictest

MOST_LINES = 3
Provide = Callable[[Connection, Iterable[int], dt.datetime, dt.datetime], Sequence[Any]]
"""Rows `member_id id q thread_id position title marking mail_most` of members, found after the one moment and up to the other, that each of
them may see now and has not read."""
_provide: list[Provide] = []


def register(provide: Provide) -> None:
    _provide[:] = [provide]


class Line(NamedTuple):
    """`title`: nothing where it is a link alone."""

    marking: Marking
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Find:
    """One search: `lines` of the first few, `more` beside them."""

    search_id: int
    q: str
    lines: tuple[Line, ...]
    more: int

    @property
    def print(self) -> bytes:
        return repr((self.search_id, self.q, self.lines, self.more)).encode("utf-8", "replace")


def finds_of(conn: Connection, readers: Sequence[Reader], shown: dict[int, set[int]]) -> dict[int, tuple[Find, ...]]:
    """By reader; threads that their digest shows anyhow (`shown`) are left out. One statement for all readers of a slot."""
    periods: dict[tuple[dt.datetime, dt.datetime], list[Reader]] = defaultdict(list)
    for reader in readers:
        if not reader.is_away:
            periods[reader.since, reader.slot].append(reader)
    found: dict[int, tuple[Find, ...]] = {}
    for (since, slot), some in periods.items():
        rows = _provide[0](conn, [reader.id for reader in some], since, slot) if _provide else ()
        by_member: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            if row.thread_id not in shown[row.member_id]:
                by_member[row.member_id].append(row)
        found |= {reader.id: _finds(reader, by_member[reader.id]) for reader in some if reader.id in by_member}
    return found


def _finds(reader: Reader, rows: list[Any]) -> tuple[Find, ...]:
    by_search: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_search[row.id].append(row)
    return tuple(
        Find(search, some[0].q, tuple(_line(reader, row) for row in some[:MOST_LINES]), max(len(some) - MOST_LINES, 0))
        for search, some in by_search.items()
    )


def _line(reader: Reader, row: Any) -> Line:
    marking = Marking(row.marking)
    is_open = marking.may_be_mailed and strictest(reader.content, Detail(row.mail_most)) is not Detail.LINKS
    return Line(marking, row.title if is_open else "", f"/threads/{row.thread_id}/replies/{row.position}")
