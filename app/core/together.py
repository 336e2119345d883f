"""Several writes of one act in one trip to the database, where it can take them so. What a posted reply leaves behind (its job, its line in
the log, its row in the index) is half of what it costs on PostgreSQL, and nobody waits for an outcome of any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from app.core.hot import Hot


class Said(NamedTuple):
    """A write: a statement of SQLAlchemy's Core that is built once, and its values."""

    statement: Any
    values: Mapping[str, Any]


def write(session: Session, said: Said) -> None:
    """One by itself."""
    session.connection().execute(said.statement, said.values)


def together(session: Session, writes: Sequence[Said]) -> None:
    """All of them, in an order that nobody may rely on: none may read or touch what another writes. On PostgreSQL they are parts of one
    statement, on SQLite one after the other, which costs no trip there."""
    if session.get_bind().dialect.name == "sqlite":
        for said in writes:
            write(session, said)
        return
    hot = _as_one(tuple((said.statement, tuple(said.values)) for said in writes))
    values = {f"w{i}_{name}": value for i, said in enumerate(writes) for name, value in said.values.items()}
    hot.all(session, values)


@lru_cache(maxsize=100)
def _as_one(parts: tuple[tuple[Any, tuple[str, ...]], ...]) -> Hot:
    named = [_named(statement, names, f"w{i}_").cte(f"write_{i}") for i, (statement, names) in enumerate(parts)]
    return Hot(select(literal_column("1")).add_cte(*named))


def _named(statement: Any, names: tuple[str, ...], prefix: str) -> Any:
    """The statement with its values under names of its own."""
    if isinstance(statement, Insert) and statement.select is None:
        return statement.values({name: bindparam(prefix + name, type_=statement.table.c[name].type) for name in names})

    def rename(bind: Any) -> None:
        if bind.key in names:
            bind.key = prefix + bind.key

    return visitors.cloned_traverse(statement, {}, {"bindparam": rename})
