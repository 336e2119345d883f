"""PostgreSQL's tsvector. Its GIN index names the rows with a word in no order, and each must then be looked up in the table: tens of
milliseconds for tens of thousands. So the days are words too, and what is common is asked for in spans of them, the newest first, each as
wide as will do by the planner's own estimate. A span costs what is in it, however common a word is."""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Row, Text, bindparam, cast, func, insert, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.core.db import serial_of
from app.core.jobs import Job
from app.core.kept import Kept
from app.core.together import Said
from app.search.documents import SPANS, day_of, of_day, scope_tag
from app.search.engines import Named, Phrase, Terms

WHOLE = 2_000  # rows: so few are not worth a span
ENOUGH, WIDER = 1.3, 6.0  # how much wider than its estimate a span is; and at most than the one before
DEEPEST = 2_000  # rows with the words of a phrase that are read for it
FEW_SCOPES = 6  # so few are asked for in the index; of more the rows themselves are asked
FIGURES_FOR = 60  # seconds
_JOB: Any = Job.__table__
_DOC: dict[str, Any] = {"id": BigInteger, "reply_id": Integer, "scope": Integer, "tags": Text, "title": Text, "words": Text}
_WHY: Any = func.put_search_doc(*[cast(bindparam(name, type_=kind), kind) for name, kind in _DOC.items()]).column_valued(
    "why"
)  # triggers.py
_PAYLOAD = cast(cast(bindparam("payload", type_=Text), JSONB).op("||")(func.jsonb_build_object(literal_column("'why'"), _WHY)), JSON)
_PUT_NEW = insert(_JOB).from_select(
    ["kind", "payload", "run_at", "state", "attempts", "error"],
    select(
        cast(bindparam("kind", type_=Text), Text), _PAYLOAD, cast(bindparam("run_at", type_=_JOB.c.run_at.type), _JOB.c.run_at.type),
        literal_column("'queued'"), literal_column("0"), literal_column("''"),
    ).where(func.length(_WHY) > literal_column("0")),
)  # fmt: skip
"""The row, or a job in its place."""
_SCOPED = "scope = ANY(ARRAY(SELECT value::int FROM json_array_elements_text(CAST(:scopes AS json))))"
_ESTIMATE = text("EXPLAIN (FORMAT JSON) SELECT 1 FROM search_docs WHERE words @@ CAST(:query AS tsquery)")
# What the index names comes first: with the ids beside it the planner would walk the table from the newest row on.
_NAMED = text(
    f"""WITH named AS MATERIALIZED (SELECT id, scope FROM search_docs WHERE words @@ CAST(:query AS tsquery))
SELECT id FROM named WHERE id >= :low AND id < :high AND {_SCOPED} ORDER BY id DESC LIMIT :limit"""  # noqa: S608  # nothing from outside
)
# A phrase is read from the rows that have its words: how many those were decides how far to go on.
_SAID = text(
    f"""WITH named AS MATERIALIZED (
    SELECT id, words @@ CAST(:phrase AS tsquery) AS is_said FROM search_docs WHERE words @@ CAST(:query AS tsquery) AND {_SCOPED})
SELECT ARRAY(SELECT id FROM named WHERE is_said AND id >= :low AND id < :high ORDER BY id DESC LIMIT :limit) AS ids,
    (SELECT count(*) FROM named) AS looked"""  # noqa: S608
)
_ENDS = text("SELECT min(id) AS oldest, max(id) AS newest FROM search_docs WHERE id >= :low AND id < :high")
_SPREAD = text(
    "SELECT CAST(CAST(histogram_bounds AS text) AS bigint[]) FROM pg_stats "
    "WHERE schemaname = current_schema() AND tablename = 'search_docs' AND attname = 'id'"
)
_TITLED = text(
    f"""WITH named AS MATERIALIZED (SELECT id, scope FROM search_docs WHERE title IS NOT NULL AND title @@ CAST(:query AS tsquery))
SELECT id FROM named WHERE {_SCOPED} ORDER BY id DESC LIMIT :limit"""  # noqa: S608
)
_spreads: Kept[tuple[int, int], list[int]] = Kept(20)


class _Gin:
    def put(self, conn: Connection, rows: list[dict[str, Any]]) -> None:
        """Its indexes follow by themselves."""

    def put_new(self, conn: Connection, row: dict[str, Any], again: Said) -> list[Said]:
        job = {name: again.values[name] for name in ("kind", "run_at")}
        return [Said(_PUT_NEW, {**job, **row, "payload": json.dumps(again.values["payload"])})]

    def forget(self, conn: Connection, reply_ids: str) -> None:
        """As above."""

    def newest(self, conn: Connection, terms: Terms, limit: int) -> Named:
        if not terms.scopes or terms.low >= terms.high:
            return Named([])
        search = _Search(conn, terms, limit)
        return search.spans() if search.expected > WHOLE else search.whole()

    def titled(self, conn: Connection, scopes: tuple[int, ...], groups: list[tuple[str, ...]], limit: int) -> list[int]:
        if not scopes or not groups:
            return []
        query = " | ".join("(" + " & ".join(f"'{word}'" for word in group) + ")" for group in groups)
        return list(conn.execute(_TITLED, {"query": query, "scopes": json.dumps(scopes), "limit": limit}).scalars())


class _Search:
    """One question. `query` is what the index can answer, of a phrase its words; `phrase` what is then read from the rows, if anything."""

    def __init__(self, conn: Connection, terms: Terms, limit: int) -> None:
        self.conn, self.terms, self.limit = conn, terms, limit
        whole = _tsquery(terms)
        self.query = _tsquery(replace(terms, wanted=tuple((word,) for phrase in terms.wanted for word in phrase)))
        self.phrase = whole if whole != self.query else ""
        self.scopes = json.dumps(terms.scopes)
        self.expected = _estimate(conn, self.query) if self.query else 1 << 30
        self.found: list[int] = []
        self.looked = 0

    def whole(self) -> Named:
        self._take(self.query, self.terms.low, self.terms.high)
        return Named(self.found)

    def spans(self) -> Named:
        high, share = self.terms.high, self.limit * ENOUGH / self.expected
        spread = _spread(self.conn)
        while (ends := self._ends(high)).newest is not None:
            first, days = _blocks(_first_day(spread, ends, share), day_of(ends.newest))
            low = max(self.terms.low, of_day(first))
            before = len(self.found), self.looked
            self._take(f"{self.query} & {days}" if self.query else days, low, high)
            if len(self.found) >= self.limit or low <= ends.oldest:
                return Named(self.found)
            if self.phrase and self.looked >= DEEPEST:
                return Named(self.found, low)
            high, share = low, share * self._wider(*before)
        return Named(self.found)

    def _ends(self, high: int) -> Row[Any]:
        return self.conn.execute(_ENDS, {"low": self.terms.low, "high": high}).one()

    def _take(self, query: str, low: int, high: int) -> None:
        values = {"query": query, "scopes": self.scopes, "low": low, "high": high, "limit": self.limit - len(self.found)}
        if not self.phrase:
            self.found += self.conn.execute(_NAMED, values).scalars()
            return
        row = self.conn.execute(_SAID, {**values, "phrase": self.phrase}).one()
        self.found += row.ids
        self.looked += row.looked

    def _wider(self, found: int, looked: int) -> float:
        """How much wider the next span is than the last, which began with so many found."""
        got, read = len(self.found) - found, self.looked - looked
        wider = (self.limit - len(self.found)) * ENOUGH / got if got else WIDER
        if read:
            wider = min(wider, (DEEPEST - self.looked) / read)
        return min(max(wider, 0.2), WIDER)


def _estimate(conn: Connection, query: str) -> int:
    plan = conn.execute(_ESTIMATE, {"query": query}).scalar_one()
    return max(int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]), 1)


# How rows spread over time ---------------------------------------------------------------------------------------------------


def _spread(conn: Connection) -> list[int]:
    """Ids with as many rows between each two, the lowest first, as the database last counted them; empty where it never did."""
    key = (serial_of(conn), int(time.monotonic()) // FIGURES_FOR)
    found = _spreads.get(key)
    if found is None:
        found = list(conn.execute(_SPREAD).scalar() or [])
        _spreads.put(key, found)
    return found


def _first_day(spread: list[int], ends: Row[Any], share: float) -> int:
    """The day from which on about this share of all rows lies up to the newest of these."""
    bounds = spread if len(spread) > 1 else [ends.oldest, ends.newest]
    place = _place(bounds, ends.newest) - share * (len(bounds) - 1)
    if place <= 0:
        return day_of(ends.oldest)
    at = min(int(place), len(bounds) - 2)
    first = int(bounds[at] + (place - at) * (bounds[at + 1] - bounds[at]))
    return min(max(day_of(first), day_of(ends.oldest)), day_of(ends.newest))


def _place(bounds: list[int], doc: int) -> float:
    """How many steps between bounds lie below this id."""
    at = bisect_right(bounds, doc) - 1
    if at < 0 or at >= len(bounds) - 1:
        return max(float(at), 0.0)
    return at + (doc - bounds[at]) / (bounds[at + 1] - bounds[at])


def _blocks(first: int, last: int) -> tuple[int, str]:
    """These days as words of the index, as few as may be, for each is asked of each row: so the first may become an earlier day. The last
    block may go on after the last day. The day it begins with, and the words."""
    size = next((days for _, days in SPANS if days * 4 <= last - first + 1), 1)
    first -= first % size
    tags, day = [], first
    while day <= last:
        letter, days = next((letter, days) for letter, days in SPANS if day % days == 0 and (days <= size or day + days - 1 <= last))
        tags.append(f"'~{letter}{day // days}'")
        day += days
    return first, f"({' | '.join(tags)})"


# The query -------------------------------------------------------------------------------------------------------------------


def _tsquery(terms: Terms) -> str:
    """Words hold letters and digits alone (words.py), so nothing in them needs escaping."""
    few = tuple(scope_tag(scope) for scope in terms.scopes) if len(terms.scopes) <= FEW_SCOPES else ()
    parts = [_quoted(phrase) for phrase in terms.wanted]
    parts += ["(" + " | ".join(f"'~{tag}'" for tag in group) + ")" for group in (few, *terms.tags) if group]
    parts += [f"!{_quoted(phrase)}" for phrase in terms.banned]
    return " & ".join(parts)


def _quoted(phrase: Phrase) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")"


GIN = _Gin()
