"""Statements that every page runs, handed to the driver without what SQLAlchemy does around each execution: that is half of what a page's
statement costs (docs/decisions/0018). SQLAlchemy still writes their SQL, and reads and writes their values by its types. While somebody
listens to the engine they go the usual way; what fails is told as SQLAlchemy tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Row
from sqlalchemy.engine import result_tuple
from sqlalchemy.orm import Session

Rows = list[Row[Any]]
Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """One statement for one driver. `places`: the names of its values in their order, where the driver wants them so. `sent`: what is done
    with some of them. `row` makes a row of what the driver gives."""

    sql: str
    places: tuple[str, ...] | None
    fixed: dict[str, Any]
    sent: dict[str, Change]
    row: Callable[[Any], Row[Any]]

    def values(self, given: Mapping[str, Any]) -> Any:
        values = {**self.fixed, **given}
        for name, change in self.sent.items():
            values[name] = change(values[name])
        return values if self.places is None else [values[name] for name in self.places]


class Hot:
    """A statement that is built once and gives rows. One that takes a list goes the usual way each time."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._plans: dict[str, _Plan | None] = {}

    def all(self, given: Connection | Session, values: Mapping[str, Any]) -> Rows:
        conn = given if isinstance(given, Connection) else given.connection()
        plan = self._plans.get(conn.dialect.driver)
        if plan is None or conn._has_events or conn.engine._has_events:
            return self._usually(conn, values)
        sent = plan.values(values)
        try:
            return [plan.row(one) for one in _fetched(conn, plan.sql, sent)]
        except conn.dialect.loaded_dbapi.Error as error:
            conn._handle_dbapi_exception(error, plan.sql, sent, None, None)

    def first(self, conn: Connection | Session, values: Mapping[str, Any]) -> Row[Any] | None:
        """For one that finds a row or none."""
        rows = self.all(conn, values)
        return rows[0] if rows else None

    def _usually(self, conn: Connection, values: Mapping[str, Any]) -> Rows:
        result = conn.execute(self.statement, values)
        if conn.dialect.driver not in self._plans:
            self._plans[conn.dialect.driver] = _planned(self.statement, conn.dialect, result, set(values))
        return list(result.all())


def _fetched(conn: Connection, sql: str, values: Any) -> list[tuple[Any, ...]]:
    """What the driver finds; on the event loop the others have their turn meanwhile."""
    dbapi: Any = conn.connection.dbapi_connection
    run = getattr(dbapi, "run_async", None)
    if run is None:
        return list(dbapi.execute(sql, values).fetchall())

    async def fetch(driver: Any) -> list[tuple[Any, ...]]:
        cursor = await driver.execute(sql, values)
        found: list[tuple[Any, ...]] = await cursor.fetchall()
        return found

    rows: list[tuple[Any, ...]] = run(fetch)
    return rows


def _planned(statement: Any, dialect: Dialect, result: Any, given: set[str]) -> _Plan | None:
    """`result`: the statement's own, not read yet. None where a list among the values makes another text of it each time."""
    compiled: Any = statement.compile(dialect=dialect)
    if "POSTCOMPILE" in str(compiled):
        return None
    fixed = {name: value for name, value in compiled.params.items() if name not in given}
    sent = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()}
    types = zip(statement.exported_columns, result.cursor.description, strict=True)
    got = [column.type.dialect_impl(dialect).result_processor(dialect, described[1]) for column, described in types]
    parent, _, places = cast(Any, result_tuple(list(result.keys()))).args
    return _Plan(
        str(compiled), tuple(compiled.positiontup) if compiled.positional else None, fixed,
        {name: change for name, change in sent.items() if change is not None}, partial(Row, parent, got, places),
    )  # fmt: skip
