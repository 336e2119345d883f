"""Run by Alembic: which database, which tables, and one transaction for all that is to be done, on SQLite as on PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from alembic import context
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, ops
from sqlalchemy import Connection, Engine, create_engine, event, make_url, pool, text

from app.core.config import load
from app.core.db import UtcDateTime
from app.search.models import TsVector
from app.search.triggers import is_ours
from app.tables import metadata

LOCK = 7_141_000  # any number that nothing else of ours uses; two starts at once then upgrade one after the other


# What metadata can't tell Alembic: the module that makes the triggers of a table, by the last table that they need.
TRIGGERS = {
    "account_addresses": "app.accounts.addresses.triggers",
    "audit_events": "app.core.audit_chain.triggers",
    "call_backs": "app.membership.triggers",
    "search_docs": "app.search.triggers",
}


class Triggers(MigrateOperation):
    """Stands in a generated migration for a module's triggers."""

    def __init__(self, module: str, call: str) -> None:
        self.module, self.call = module, call

    def reverse(self) -> Triggers:
        return Triggers(self.module, "drop_triggers")


@renderers.dispatch_for(Triggers)
def _render_triggers(autogen: AutogenContext, operation: Triggers) -> str:
    package, name = operation.module.removesuffix(".triggers"), operation.module.split(".")[-2]
    autogen.imports.add(f"from {package} import triggers as {name}_triggers")
    return f"{name}_triggers.{operation.call}(op)"


def _add_triggers(_context: Any, _revision: Any, directives: list[Any]) -> None:
    for script in directives:
        for upgrade, downgrade in zip(script.upgrade_ops_list, script.downgrade_ops_list, strict=True):
            made = {op.table_name for op in upgrade.ops if isinstance(op, ops.CreateTableOp)}
            for module in (module for table, module in TRIGGERS.items() if table in made):
                upgrade.ops.append(Triggers(module, "create_triggers"))
                downgrade.ops.append(Triggers(module, "drop_triggers"))


def _render_item(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from app.core.db import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, TsVector):
        autogen.imports.add("from app.search.models import TsVector")
        return "TsVector()"
    return False


def _engine(url: str) -> Engine:
    """Not the application's: while a table is built anew on SQLite, foreign keys must be off, which can't be said in a transaction."""
    if not url.startswith("sqlite"):
        return create_engine(url, poolclass=pool.NullPool)
    Path(make_url(url).database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"timeout": 60})

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _migrate(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, transactional_ddl=True,
        render_item=_render_item, process_revision_directives=_add_triggers,
        include_name=lambda name, kind, _parents: not is_ours(name, kind),
    )  # fmt: skip
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()
        if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"the migration leaves rows without what they refer to: {broken[:5]}")


url = context.config.attributes.get("url") or load().url
engine = _engine(url)
try:
    with engine.connect() as connection:
        _migrate(connection)
finally:
    engine.dispose()
