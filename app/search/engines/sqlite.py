"""SQLite's FTS5: the scope is a token in the index, so that what somebody may not see is never walked over. Rows come by their number,
and the newest have the highest: a common word stops at the limit."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from app.core.together import Said
from app.search.documents import scope_tag
from app.search.engines import Named, Phrase, Terms, why_of
from app.search.models import INDEX, TITLES, SearchDoc

_NEWEST = text(
    f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH :match AND rowid >= :low AND rowid < :high ORDER BY rowid DESC LIMIT :limit"  # noqa: S608  # the table's name is ours
)


_TITLED = text(f"SELECT rowid FROM {TITLES} WHERE {TITLES} MATCH :match ORDER BY rowid DESC LIMIT :limit")  # noqa: S608
_PUT = text(f"INSERT INTO {INDEX} (rowid, tags, title, words) VALUES (:id, :tags, :title, :words)")  # noqa: S608  # as above
_KNOWN = text("SELECT id, tags, title, words FROM search_docs WHERE reply_id IN (SELECT value FROM json_each(:ids))")
_TAKE = text(f"INSERT INTO {INDEX} ({INDEX}, rowid, tags, title, words) VALUES ('delete', :id, :tags, :title, :words)")  # noqa: S608
_PUT_TITLE = text(f"INSERT INTO {TITLES} (rowid, tags, title) VALUES (:id, :tags, :title)")  # noqa: S608
_TAKE_TITLE = text(f"INSERT INTO {TITLES} ({TITLES}, rowid, tags, title) VALUES ('delete', :id, :tags, :title)")  # noqa: S608


_INSERT = insert(SearchDoc.__table__)  # type: ignore[arg-type]
_NOT_PUT = text("DELETE FROM search_docs WHERE id = :id")


class _Fts5:
    """Its table holds no text of its own: to take a row away it is told what the row said."""

    def put(self, conn: Connection, rows: list[dict[str, Any]]) -> None:
        conn.execute(_PUT, [{name: row[name] for name in ("id", "tags", "title", "words")} for row in rows])
        _titles(conn, _PUT_TITLE, rows)

    def put_new(self, conn: Connection, row: dict[str, Any], again: Said) -> list[Said]:
        try:
            conn.execute(_INSERT, row)
            self.put(conn, [row])
        except DBAPIError as error:
            with suppress(DBAPIError):
                conn.execute(_NOT_PUT, {"id": row["id"]})  # else it would be taken out of where it never was
            return [Said(again.statement, {**again.values, "payload": {**again.values["payload"], "why": why_of(error)}})]
        return []

    def forget(self, conn: Connection, reply_ids: str) -> None:
        known = [dict(row) for row in conn.execute(_KNOWN, {"ids": reply_ids}).mappings()]
        if known:
            conn.execute(_TAKE, known)
            _titles(conn, _TAKE_TITLE, known)

    def newest(self, conn: Connection, terms: Terms, limit: int) -> Named:
        if not terms.scopes or terms.low >= terms.high:
            return Named([])
        parts = [_scoped(terms.scopes), *[f"tags : ({' OR '.join(group)})" for group in terms.tags]]
        if terms.wanted:
            parts.append(f"{{title words}} : ({_every(terms.wanted)})")
        match = " AND ".join(parts)
        if terms.banned:
            match = f"({match}) NOT ({{title words}} : ({_any(terms.banned)}))"
        values = {"match": match, "low": terms.low, "high": terms.high, "limit": limit}
        return Named(list(conn.execute(_NEWEST, values).scalars()))

    def titled(self, conn: Connection, scopes: tuple[int, ...], groups: list[tuple[str, ...]], limit: int) -> list[int]:
        if not scopes or not groups:
            return []
        said = " OR ".join(f"({_every((word,) for word in group)})" for group in groups)
        return list(conn.execute(_TITLED, {"match": f"{_scoped(scopes)} AND title : ({said})", "limit": limit}).scalars())


def _titles(conn: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    titled = [{"id": row["id"], "tags": row["tags"].split(" ", 1)[0], "title": row["title"]} for row in rows if row["title"] is not None]
    if titled:
        conn.execute(statement, titled)


def _scoped(scopes: tuple[int, ...]) -> str:
    return f"tags : ({' OR '.join(scope_tag(scope) for scope in scopes)})"


def _quoted(phrase: Phrase) -> str:
    """Words hold letters and digits alone (words.py), so nothing in them needs escaping."""
    return '"' + " ".join(phrase) + '"'


def _every(phrases: Iterable[Phrase]) -> str:
    return " AND ".join(_quoted(phrase) for phrase in phrases)


def _any(phrases: Iterable[Phrase]) -> str:
    return " OR ".join(_quoted(phrase) for phrase in phrases)


FTS5 = _Fts5()
