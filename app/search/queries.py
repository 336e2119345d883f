"""The answer to a search: a page of hits, how many there are, and how they spread over kinds, forums and states.

Only what passed the fence is counted, ranked or shown. The order and the figures of a question are kept for as long as nothing was
written in the forums that its asker reads; what is shown is read again each time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.attachments import access as attachments
from app.core.access import Actor
from app.core.db import is_settled, leave_loop, serial_of
from app.core.errors import Invalid
from app.core.kept import Kept
from app.core.paging import cursor, read_cursor
from app.forum.attached.access import MESSAGE
from app.forum.searching import access as forum
from app.search import finding, names
from app.search.asking import Asked
from app.search.documents import PRACTICE, is_file, own_id
from app.search.finding import COUNTED, Hit, Reach
from app.search.names import Names
from app.search.ranking import RANKED, ranked
from app.search.snippets import Piece, marked, snippet

PAGE = 25
ALL = frozenset({"threads", "people", "agencies"})
_FURTHEST = 1 << 62
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked, in which of `threads`, `people` and `agencies`, from where on. `zone` is the association's: days begin there.
    `reach`: what its asker may look through, where that was read already."""

    asked: Asked
    zone: dt.tzinfo
    now: dt.datetime
    within: frozenset[str] = ALL
    after: str = ""
    limit: int = PAGE
    reach: Reach | None = None


class Shown(NamedTuple):
    """A hit as it is shown. `file`: a row with `id`, `name` and `text`, where it is one. `stems`: the words to be marked in it."""

    row: Row[Any]
    file: Row[Any] | None
    stems: frozenset[str]

    @property
    def title(self) -> list[Piece]:
        return marked(self.row.title if self.file is None else self.file.name, self.stems)

    @property
    def snippet(self) -> list[Piece]:
        return snippet(self._texts() if self.file is None else [self.file.text], self.stems)

    def _texts(self) -> list[str]:
        record = [text for name in PRACTICE if self.row.position == 0 and (text := getattr(self.row, name))]
        return [self.row.body, *record]


class Answer(NamedTuple):
    """`total` is of all that was found, people and agencies too; `is_more`: there are more than were counted."""

    hits: list[Shown]
    names: Names
    total: int
    is_more: bool
    facets: Facets
    next: str | None
    wrong: tuple[str, ...]
    meant: str


class _Order(NamedTuple):
    """What is kept of a question: (score, doc) in their order, and where the next window begins (0: there is none)."""

    docs: list[tuple[int, int]]
    bottom: int
    total: int
    is_more: bool
    facets: Facets


_orders: Kept[tuple[Any, ...], _Order] = Kept(400_000)
_NOTHING = _Order([], 0, 0, False, {})


def search(conn: Connection, actor: Actor, wish: Wish) -> Answer:
    asked = wish.asked
    if asked.wrong or asked.is_empty:
        return Answer([], Names([], []), 0, False, {}, None, asked.wrong, "")
    high, after = _place(wish.after)
    order: _Order = _NOTHING
    wrong: tuple[str, ...] = ()
    if "threads" in wish.within:
        order, wrong = _ordered(conn, actor, wish, high)
    rest = [one for one in order.docs if after is None or (-one[0], -one[1]) > (-after[0], -after[1])]
    found = names.find(conn, actor, asked, wish.within, wish.now) if not wish.after else Names([], [])
    total = order.total + len(found.people) + len(found.agencies)
    return Answer(
        _shown(conn, actor, asked, [doc for _, doc in rest[: wish.limit]]), found, total, order.is_more, _with_names(order.facets, found),
        _next(rest, wish.limit, high, order.bottom), wrong, "" if total or wish.after else names.meant(conn, actor, asked, wish.now),
    )  # fmt: skip


# Where a page begins: below which id its window lies, and the score and id of the last hit before it ----------------------------


def _place(text: str) -> tuple[int, tuple[int, int] | None]:
    if not text:
        return _FURTHEST, None
    high, score, doc = read_cursor(text, str, int, str)
    if not (high.isdecimal() and doc.isdecimal() and len(high) < 20 and len(doc) < 20 and high.isascii() and doc.isascii()):
        raise Invalid(cursor="This is not a cursor of this list.")
    return min(int(high), _FURTHEST), (score, int(doc))


def _next(rest: list[tuple[int, int]], limit: int, high: int, bottom: int) -> str | None:
    if len(rest) > limit:
        score, doc = rest[limit - 1]
        return cursor(str(high), score, str(doc))
    return cursor(str(bottom), 1_000_000, "0") if bottom else None


# The order ------------------------------------------------------------------------------------------------------------------


def _ordered(conn: Connection, actor: Actor, wish: Wish, high: int) -> tuple[_Order, tuple[str, ...]]:
    reach = wish.reach or finding.reach_of(conn, actor.member_id)
    minute = int(wish.now.timestamp()) // 60
    key = (serial_of(conn), actor.member_id, wish.asked, str(wish.zone), high, minute, reach.key)
    order = _orders.get(key) if "unread" not in wish.asked.has else None
    if order is not None:
        return order, ()
    leave_loop()
    question = finding.question(conn, actor, wish.asked, wish.zone, reach)
    found = finding.newest(conn, question, high, COUNTED + 1 if high == _FURTHEST else RANKED + 1)
    window = found.hits[:RANKED]
    bottom = window[-1].doc if len(found.hits) > RANKED else (0 if found.is_all else found.bottom)
    docs = [(score, hit.doc) for score, hit in ranked(window, wish.asked, wish.now)]
    is_more = len(found.hits) > COUNTED or not found.is_all
    order = _Order(docs, bottom, min(len(found.hits), COUNTED), is_more, _facets(found.hits[:COUNTED], reach.forums))
    if is_settled(conn) and not question.wrong:
        _orders.put(key, order, len(docs) + 20)
    return order, question.wrong


def _facets(hits: list[Hit], forums: Iterable[Row[Any]]) -> Facets:
    """Counts of what was let through, the most first."""
    slugs = {row.id: row.slug for row in forums}
    # Alike in all that is counted are many of the thousand.
    alike = Counter([(is_file(doc), row.position > 0, row.kind, row.forum_id, row.state) for doc, row in hits])
    every: dict[str, Counter[str]] = {"type": Counter(), "kind": Counter(), "forum": Counter(), "state": Counter()}
    for (file, later, kind, forum_id, state), count in alike.items():
        every["type"]["attachment" if file else "reply" if later else "thread"] += count
        every["kind"][kind] += count
        every["forum"][slugs.get(forum_id, "")] += count
        if state:
            every["state"][state] += count
    return {name: counts.most_common(12) for name, counts in every.items() if counts}


def _with_names(facets: Facets, found: Names) -> Facets:
    more = [(name, len(rows)) for name, rows in (("person", found.people), ("agency", found.agencies)) if rows]
    return {**facets, "type": [*facets.get("type", []), *more]} if more else facets


# What is shown --------------------------------------------------------------------------------------------------------------


def _shown(conn: Connection, actor: Actor, asked: Asked, docs: list[int]) -> list[Shown]:
    if not docs:
        return []
    messages = finding.messages_of(conn, docs)
    ids = json.dumps(sorted(set(messages.values())))
    stems = asked.stems
    rows = {row.id: row for row in forum.VISIBLE.all(conn, {"me": actor.member_id, "ids": ids})}
    files = _files(conn, rows, docs)
    found = []
    for doc in docs:
        row, file = rows.get(messages.get(doc, 0)), files.get(doc)
        if row is not None and (file is not None or not is_file(doc)):
            found.append(Shown(row, file, stems))
    return found


def _files(conn: Connection, rows: dict[int, Row[Any]], docs: list[int]) -> dict[int, Row[Any]]:
    """Of the messages that were let through."""
    wanted = {own_id(doc): doc for doc in docs if is_file(doc)}
    if not wanted:
        return {}
    return {wanted[file.id]: file for file in attachments.texts_of(conn, MESSAGE, sorted(rows)) if file.id in wanted}
