"""What metadata can't say of the index: on SQLite full-text tables beside `search_docs`, on PostgreSQL GIN indexes. No triggers: within
one, FTS5 writes out what it holds at each row, which costs more with each (engines/sqlite.py writes both).

The tokenizer only parts at blanks: words come folded and stemmed (words.py). Column sizes are for bm25, which is not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, event

from app.search.models import INDEX, TITLES, SearchDoc

if TYPE_CHECKING:
    from alembic.operations import Operations

GIN = ("gin_search_docs_words", "gin_search_docs_title")
SQLITE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(tags, title, words, content='search_docs', content_rowid='id', columnsize=0, "
    "tokenize='unicode61 remove_diacritics 0')",
    f"CREATE VIRTUAL TABLE {TITLES} USING fts5(tags, title, content='', columnsize=0, detail='column', "
    "tokenize='unicode61 remove_diacritics 0')",
)
# A failed statement ends a transaction of PostgreSQL's, and a SAVEPOINT around it is two more ways there and back. In here it is none: what
# was wrong is answered, and the act goes on (L13). Its code alone: the text may hold a member's words. A cancelled statement ends the act.
PUT = """CREATE OR REPLACE FUNCTION put_search_doc(id bigint, reply_id int, scope int, tags text, title text, words text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_docs (id, reply_id, scope, tags, title, words)
    VALUES ($1, $2, $3, $4, CAST($5 AS tsvector), CAST($6 AS tsvector));
    RETURN '';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$"""
DROP_PUT = "DROP FUNCTION IF EXISTS put_search_doc(bigint, int, int, text, text, text)"
# Titles are few, and asked by themselves while a question is typed.
_POSTGRESQL = (
    f"CREATE INDEX {GIN[0]} ON search_docs USING gin (words)",
    f"CREATE INDEX {GIN[1]} ON search_docs USING gin (title) WHERE title IS NOT NULL",
    PUT,
)


def _statements(dialect: str) -> tuple[str, ...]:
    return SQLITE if dialect == "sqlite" else _POSTGRESQL


def create_triggers(op: Operations) -> None:
    for statement in _statements(op.get_bind().dialect.name):
        op.execute(statement)


def drop_triggers(op: Operations) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(DROP_PUT)  # the indexes go with their table
        return
    for name in (INDEX, TITLES):
        op.execute(f"DROP TABLE IF EXISTS {name}")


def is_ours(name: str | None, kind: str) -> bool:
    """What a comparison with metadata leaves out: it isn't in it."""
    return name is not None and ((kind == "table" and name.startswith(INDEX)) or (kind == "index" and name in GIN))


def _after_create(_metadata: Any, connection: Connection, tables: Any = (), **_: Any) -> None:
    if _TABLE in (tables or ()):
        for statement in _statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


_TABLE: Table = SearchDoc.__table__  # type: ignore[assignment]
event.listen(_TABLE.metadata, "after_create", _after_create)
