"""The tables of the log take no UPDATE and no DELETE: the database itself refuses, on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, event

from app.core.audit import AuditCheckpoint, AuditEvent, AuditLink

if TYPE_CHECKING:
    from alembic.operations import Operations

APPEND_ONLY: tuple[Table, ...] = tuple(m.__table__ for m in (AuditEvent, AuditLink, AuditCheckpoint))  # type: ignore[misc]

_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$
"""


def _statements(dialect: str, table: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        _FUNCTION,
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ]


def create_triggers(op: Operations) -> None:
    """For the migration that creates the tables. One that rebuilds such a table on SQLite must call this again."""
    for table in APPEND_ONLY:
        for statement in _statements(op.get_bind().dialect.name, table.name):
            op.execute(statement)


def drop_triggers(op: Operations) -> None:
    """After the tables are gone: what is left is PostgreSQL's function."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS audit_append_only()")


def _after_create(table: Table, connection: Connection, **_: Any) -> None:
    for statement in _statements(connection.dialect.name, table.name):
        connection.exec_driver_sql(statement)


for _table in APPEND_ONLY:
    event.listen(_table, "after_create", _after_create)
