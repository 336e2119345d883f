"""Which messages match, and may be seen by whom asks: the index names them newest first, the fence lets them through."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from app.agencies import access as agencies
from app.agencies.naming import words as agency_words
from app.core.access import Actor
from app.core.sql import is_one_of
from app.forum.searching import access as forum
from app.membership import directory
from app.search import documents
from app.search.asking import Asked
from app.search.documents import AGENCY, AUTHOR, HAS_FILE, KIND, STATE, SUBJECT, WRITER, first_of, own_id
from app.search.engines import Terms, engine_of
from app.search.models import SearchDoc
from app.search.words import words

COUNTED = 1_000  # messages that are counted; beyond, there are "1000+"
MOST_WRITERS, MOST_NAMES = 3, 3
ROUNDS, LEAST, LARGEST = 10, 100, 8_000  # how far a filter that the index doesn't know is followed
_MESSAGES_OF = select(SearchDoc.id, SearchDoc.reply_id).where(is_one_of(SearchDoc.id, "ids"))


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may look through: forums by id with their versions, and TLP:RED threads with their forum."""

    forums: tuple[Row[Any], ...]
    red: tuple[tuple[int, int], ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """Another one as soon as anything in it may be found that was not before."""
        return tuple((row.id, row.version) for row in self.forums), self.red

    def scopes(self, forums: frozenset[int] | None) -> tuple[int, ...]:
        """As the index has them; `forums` narrows."""
        mine = [row.id for row in self.forums if forums is None or row.id in forums]
        return (*mine, *(-thread for thread, forum_id in self.red if forums is None or forum_id in forums))


def reach_of(conn: Connection, member_id: int) -> Reach:
    forums, red = forum.readable(conn, member_id)
    return Reach(tuple(forums), tuple((row.id, row.red) for row in red))


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, meant for one who asks: `terms` for the index, `filters` with their `values` for the fence."""

    terms: Terms
    filters: frozenset[str]
    values: dict[str, Any]
    wrong: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A message or a file that matches, with what it is counted and ranked by."""

    doc: int
    row: Row[Any]


class Found(NamedTuple):
    """Hits, the newest first. `bottom`: below which id nothing was looked at; `is_all`: nothing is there."""

    hits: list[Hit]
    bottom: int
    is_all: bool


def question(conn: Connection, actor: Actor, asked: Asked, zone: dt.tzinfo, reach: Reach | None = None) -> Question:
    """Names become numbers here. What is named and isn't there for who asks finds nothing, and is not told from what isn't there."""
    return _Making(conn, reach or reach_of(conn, actor.member_id), actor, asked, zone).question()


class _Making:
    def __init__(self, conn: Connection, reach: Reach, actor: Actor, asked: Asked, zone: dt.tzinfo) -> None:
        self.conn, self.reach, self.asked, self.zone = conn, reach, asked, zone
        self.me = actor.member_id
        self.tags: list[tuple[str, ...]] = []
        self.filters: dict[str, dict[str, Any]] = {}
        self.wrong: list[str] = []

    def question(self) -> Question:
        forums = self._forums()
        for part in (self._writers, self._agencies, self._subjects, self._plain):
            part()
        low, high = self._span()
        scopes = () if self.wrong else self.reach.scopes(forums)
        terms = Terms(scopes, self.asked.wanted, self.asked.banned, tuple(self.tags), low, high)
        values: dict[str, Any] = {"me": self.me}
        for more in self.filters.values():
            values |= more
        return Question(terms, frozenset(self.filters), values, tuple(self.wrong))

    def _forums(self) -> frozenset[int] | None:
        if not self.asked.forums:
            return None
        found = frozenset(row.id for row in self.reach.forums if row.slug in self.asked.forums)
        if not found:
            self.wrong.append(f"You read no forum with the address {self.asked.forums[0][:60]}.")
        self.filters["forums"] = {"forums": json.dumps(sorted(found))}
        return found

    def _writers(self) -> None:
        if not self.asked.writers:
            return
        ids: list[int] = []
        written: list[list[str]] = []
        for name in self.asked.writers[:MOST_WRITERS]:
            ids += [self.me] if name.lower() == "me" else directory.ids_named(self.conn, name)
            written.append([WRITER + word for word in words(name)[:MOST_NAMES]])
        tags = [f"{AUTHOR}{one}" for one in ids]
        # Of an old list's author all words must be there: "this member, or Jane and Doe" is "or Jane" and "or Doe".
        self.tags += [(*tags, *one) for one in product(*[names for names in written if names])]

    def _agencies(self) -> None:
        asked = self.asked
        if asked.agency_id is not None:
            self._from_agencies([agencies.kept(self.conn, asked.agency_id), asked.agency_id])
        if asked.agencies:
            typed = [agency_words(name)[:8] for name in asked.agencies]
            self._from_agencies([one for name in typed if name for one in agencies.ids_named(self.conn, name)])
        if asked.states:
            self.tags.append(tuple(STATE + state.lower() for state in asked.states))
            self.filters["states"] = {"states": list(asked.states)}
        if asked.sworn is not None:
            self.filters["sworn"] = {"least": asked.sworn[0], "most": asked.sworn[1]}

    def _from_agencies(self, ids: Iterable[int]) -> None:
        self.tags.append(tuple(f"{AGENCY}{one}" for one in dict.fromkeys(ids)) or (f"{AGENCY}0",))

    def _subjects(self) -> None:
        if not self.asked.tags:
            return
        every = self.conn.execute(forum.SUBJECTS).all()
        wanted = {words_of for tag in self.asked.tags if (words_of := tuple(words(tag)))}
        found = [row.id for row in every if tuple(words(row.slug)) in wanted or tuple(words(row.name)) in wanted]
        if not found:
            self.wrong.append(f"There is no subject {self.asked.tags[0][:60]}.")
        self.tags.append(tuple(f"{SUBJECT}{one}" for one in found) or (f"{SUBJECT}0",))
        self.filters["subjects"] = {"subjects": json.dumps(found)}

    def _plain(self) -> None:
        asked = self.asked
        if asked.kinds:
            self.tags.append(tuple(KIND + kind for kind in asked.kinds))
            self.filters["kinds"] = {"kinds": list(asked.kinds)}
        if "attachment" in asked.has:
            self.tags.append((HAS_FILE,))
        if "unanswered" in asked.has and not asked.kinds:
            self.tags.append((KIND + "question",))
        self.filters |= {name: {} for name in asked.has}

    def _span(self) -> tuple[int, int]:
        """Ids go by days in UTC: a day more on each side, and the fence asks for the moment."""
        low, high = 0, 1 << 62
        if self.asked.after is not None:
            low = first_of(_shifted(self.asked.after, -1))
            self.filters["at_least"] = {"at_least": _begin(self.asked.after, self.zone)}
        if self.asked.before is not None:
            high = first_of(_shifted(self.asked.before, 1))
            self.filters["before"] = {"before": _begin(self.asked.before, self.zone)}
        return low, high


def _begin(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    try:
        return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    except OverflowError:
        return dt.datetime.combine(day, dt.time(), dt.UTC)


def _shifted(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return day


# Looking --------------------------------------------------------------------------------------------------------------------


def newest(conn: Connection, asked: Question, high: int, count: int) -> Found:
    """The newest hits below `high`, at most `count`."""
    engine, hits, size = engine_of(conn), list[Hit](), count
    if asked.wrong:
        return Found([], 0, True)
    high = min(high, asked.terms.high)
    for _ in range(ROUNDS):
        docs, bottom = engine.newest(conn, replace(asked.terms, high=high), size)
        passed = _let_through(conn, asked, docs)
        hits += passed
        if len(hits) >= count:
            return Found(hits[:count], hits[count - 1].doc, len(docs) < size and len(hits) == count and not bottom)
        if len(docs) < size:
            return Found(hits, bottom, not bottom)
        high, size = docs[-1], _next_size(size, len(passed), count - len(hits))
    return Found(hits, high, False)


def _next_size(size: int, passed: int, needed: int) -> int:
    """How many to look at next: as many more as will do, if as many of them pass. The border of a day keeps only a few away."""
    return min(max(needed * size // passed * 5 // 4 if passed else size * 4, LEAST), LARGEST)


def _let_through(conn: Connection, asked: Question, docs: list[int]) -> list[Hit]:
    if not docs:
        return []
    messages = messages_of(conn, docs)
    ids = json.dumps(sorted(set(messages.values())))
    rows = {row[0]: row for row in forum.visible_messages(asked.filters).all(conn, {**asked.values, "ids": ids})}
    return [Hit(doc, rows[own]) for doc in docs if (own := messages.get(doc)) in rows]


def messages_of(conn: Connection, docs: list[int]) -> dict[int, int]:
    """The message of each of these; of a file the one that it hangs on."""
    files = [doc for doc in docs if documents.is_file(doc)]
    found = {doc: own_id(doc) for doc in docs}
    for doc in files:  # unless it is gone by now
        del found[doc]
    if files:
        found |= {row.id: row.reply_id for row in conn.execute(_MESSAGES_OF, {"ids": json.dumps(files)})}
    return found
