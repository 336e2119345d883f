"""SQL that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, String, Text, bindparam, cast, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import NullType


class joined(GenericFunction[str]):  # noqa: N801  # reads as the SQL function that it is
    """The values of a group as one text, with commas between; NULL for none. SQLAlchemy's aggregate_strings writes its comma into the
    statement anew at each run."""

    type = String()
    inherit_cache = True
    name = "joined"


@compiles(joined, "sqlite")
def _on_sqlite(element: joined, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, ',')"


@compiles(joined, "postgresql")
def _on_postgresql(element: joined, compiler: Any, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ',')"


def constant(number: int) -> ColumnElement[int]:
    """A number that stands in the statement's text. PostgreSQL plans a prepared statement without its parameters, and not knowing a
    LIMIT takes it for a tenth of everything: it then sorts what it could read in order."""
    return literal_column(str(int(number)), Integer)


def word(text: str) -> ColumnElement[str]:
    """A word of ours that stands in the statement's text: as a value it would be sent anew each time."""
    if not text.replace("_", "").isalpha():
        raise ValueError(text)
    return literal_column(f"'{text}'", String)


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that may say what becomes of a row that is there already: each engine has a kind of its own."""
    # Late: the one that isn't used, and its drivers, would be a part of each command's start.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as on_sqlite

        return on_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as on_postgresql

    return on_postgresql(table)


def joined_texts(values: Any) -> ColumnElement[str]:
    """Values of any kind as one text, with commas between."""
    return joined(cast(values, String))


class one_of(FunctionElement[Any]):  # noqa: N801  # reads as the SQL that it is
    """Whether a column's number is in a JSON list that is sent as one text: a value for each would make another statement of every number
    of them. To PostgreSQL it is an array, which it looks up in an index however much is joined; a subquery it would join last."""

    type = NullType()  # as a Boolean it would be compared with 1 on SQLite, and no index be looked at
    inherit_cache = True
    name = "one_of"


@compiles(one_of, "sqlite")
def _one_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # noqa: S608  # SQLAlchemy's own text


@compiles(one_of, "postgresql")
def _one_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(clause, **options) for clause in element.clauses)
    values = f"json_array_elements_text(CAST({listed} AS json))"
    return f"{column} = ANY(ARRAY(SELECT value::bigint FROM {values}))"  # noqa: S608  # as above


def is_one_of(column: Any, name: str) -> ColumnElement[bool]:
    """Whether a column's number is in the JSON list that is given as the value `name`."""
    return one_of(column, bindparam(name, type_=Text))
