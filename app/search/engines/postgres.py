"""PostgreSQL's tsvector. Its planner, left alone with a LIMIT, walks the table from the newest row for a rare word, and sorts a million
rows for a common one. So it is asked for its estimate first, and told which way to go: through the GIN index where a word is rare, else
from the newest row on in growing windows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, cast, func, insert, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.core.jobs import Job
from app.core.together import Said
from app.search.engines import Named, Phrase, Terms

RARE = 20_000  # rows that the index names: about 40 ms to look at all of them
WINDOWS = (4_000, 16_000, 64_000)
REST = 1 << 30
FEW_SCOPES = 4
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
_ESTIMATE = "EXPLAIN (FORMAT JSON) SELECT 1 FROM search_docs WHERE words @@ CAST(:query AS tsquery)"
_FEW = text(
    f"""WITH named AS MATERIALIZED (
    SELECT id, scope FROM search_docs WHERE words @@ CAST(:query AS tsquery) AND id >= :low AND id < :high)
SELECT id FROM named WHERE {_SCOPED} ORDER BY id DESC LIMIT :limit"""  # noqa: S608  # nothing in it comes from outside
)
# A LIMIT within keeps the planner from going another way.
_WINDOW = text(
    f"""SELECT id FROM (
    SELECT id, scope, words FROM search_docs WHERE id >= :low AND id < :high ORDER BY id DESC LIMIT :rows) newest
WHERE {_SCOPED} AND (:query = '' OR words @@ CAST(:query AS tsquery)) ORDER BY id DESC LIMIT :limit"""  # noqa: S608
)
# Of a few forums the newest rows of each, by an index of its own: what lies in others is not walked over.
_NEWEST_OF_FEW = """SELECT id FROM json_array_elements_text(CAST(:scopes AS json)) wanted(scope) CROSS JOIN LATERAL (
    SELECT id FROM search_docs WHERE search_docs.scope = wanted.scope::int AND id >= :low AND id < :high ORDER BY id DESC LIMIT :rows) one
ORDER BY id DESC LIMIT :rows"""
_WINDOW_OF_FEW = text(
    f"""SELECT id FROM search_docs JOIN ({_NEWEST_OF_FEW}) newest USING (id)
WHERE :query = '' OR words @@ CAST(:query AS tsquery) ORDER BY id DESC LIMIT :limit"""  # noqa: S608
)
_NEWEST = "SELECT id FROM search_docs WHERE id >= :low AND id < :high ORDER BY id DESC LIMIT :rows"
_REACH, _REACH_OF_FEW = (
    text(f"SELECT min(id) AS bottom, count(*) AS rows FROM ({newest}) newest")  # noqa: S608
    for newest in (_NEWEST, _NEWEST_OF_FEW)
)
_TITLED = text(
    f"""WITH named AS MATERIALIZED (
    SELECT id, scope FROM search_docs WHERE title IS NOT NULL AND title @@ CAST(:query AS tsquery) AND id >= :low AND id < :high)
SELECT id FROM named WHERE {_SCOPED} ORDER BY id DESC LIMIT :limit"""  # noqa: S608
)


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
        query = _tsquery(terms)
        values = {"query": query, "scopes": json.dumps(terms.scopes), "low": terms.low, "high": terms.high}
        loose = _tsquery(replace(terms, wanted=tuple((word,) for phrase in terms.wanted for word in phrase)))
        if query and _estimate(conn, loose) <= RARE:
            return Named(list(conn.execute(_FEW, {**values, "limit": limit}).scalars()))
        # A phrase of common words may be rare: to find out, each row with the words would have to be read.
        return _windows(conn, values, limit, (*WINDOWS, REST) if loose == query else WINDOWS)

    def titled(self, conn: Connection, terms: Terms, limit: int) -> list[int]:
        if not terms.scopes or not terms.wanted:
            return []
        values = {
            "query": " & ".join(_quoted(phrase) for phrase in terms.wanted),
            "scopes": json.dumps(terms.scopes),
            "low": terms.low,
            "high": terms.high,
        }
        return list(conn.execute(_TITLED, {**values, "limit": limit}).scalars())


def _estimate(conn: Connection, query: str) -> int:
    plan = conn.execute(text(_ESTIMATE), {"query": query}).scalar_one()
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def _windows(conn: Connection, values: dict[str, Any], limit: int, windows: tuple[int, ...]) -> Named:
    is_few = len(json.loads(values["scopes"])) <= FEW_SCOPES
    window, reach = (_WINDOW_OF_FEW, _REACH_OF_FEW) if is_few else (_WINDOW, _REACH)
    asked = {"low", "high"} | ({"scopes"} if is_few else set())
    found: list[int] = []
    for rows in windows:
        found += conn.execute(window, {**values, "rows": rows, "limit": limit - len(found)}).scalars()
        if len(found) >= limit:
            return Named(found)
        reached = conn.execute(reach, {name: values[name] for name in asked} | {"rows": rows}).one()
        if reached.rows < rows:
            return Named(found)
        values = {**values, "high": reached.bottom}
    return Named(found, values["high"])


def _tsquery(terms: Terms) -> str:
    """Words hold letters and digits alone (words.py), so nothing in them needs escaping."""
    parts = [_quoted(phrase) for phrase in terms.wanted]
    parts += ["(" + " | ".join(f"'~{tag}'" for tag in group) + ")" for group in terms.tags]
    parts += [f"!{_quoted(phrase)}" for phrase in terms.banned]
    return " & ".join(parts)


def _quoted(phrase: Phrase) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")"


GIN = _Gin()
