"""Which migration a database is at, which one this program needs, and the way there. Alembic is imported only to go it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from app.core.config import ROOT, ConfigError, Settings

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = ROOT / "migrations"
_NAME = re.compile(r"^(revision|down_revision)\b[^=]*= *['\"]([^'\"]+)['\"]", re.MULTILINE)


def needed() -> str:
    """The newest migration's id, read from the files' text: Alembic would take a quarter of the start-up budget to say it."""
    found: list[dict[str, str]] = [dict(_NAME.findall(path.read_text())) for path in (MIGRATIONS / "versions").glob("*.py")]
    heads = {names["revision"] for names in found} - {names["down_revision"] for names in found if "down_revision" in names}
    if len(heads) != 1:
        raise ConfigError(f"migrations/versions has {len(heads)} newest migrations, and must have one")
    return heads.pop()


def present(conn: Connection) -> str | None:
    """The migration that this database is at; None if it has no tables at all."""
    names = inspect(conn).get_table_names()
    if "alembic_version" in names:
        return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if names:
        raise ConfigError("the database has tables that Squadroom's migrations did not make")
    return None


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest migration, in one transaction. Two callers at once go one after the other."""
    from alembic import command

    command.upgrade(config(settings), "head")


def drift(settings: Settings) -> list[str]:
    """What the tables have other than the program expects, in words; nothing when all is well."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from app.core.db import open_database
    from app.search.triggers import is_ours
    from app.tables import metadata

    db = open_database(settings, pool_size=1)
    try:
        with db.read() as conn:
            now, wanted = present(conn), needed()
            if now != wanted:
                return [f"the database is at migration {now or 'none'}, and this program needs {wanted}: run `squadroom db upgrade`"]
            options = {"compare_type": True, "include_name": lambda name, kind, _parents: not is_ours(name, kind)}
            context = MigrationContext.configure(conn, opts=options)
            return [str(difference) for difference in compare_metadata(context, metadata)]
    finally:
        db.close()


def make_ready(settings: Settings) -> None:
    """Before serving: upgrade by itself where nobody else can be on the database (SQLite: one machine; or no tables yet), else refuse.

    On PostgreSQL other machines may still run the release before, so the operator says when (docs/decisions/0006).
    """
    from app.core.db import open_database

    db = open_database(settings, pool_size=1)
    try:
        with db.read() as conn:
            now = present(conn)
    finally:
        db.close()
    wanted = needed()
    if now == wanted:
        return
    if now is not None and not _is_known(now):
        raise ConfigError(f"the database is at migration {now}, which this version of Squadroom does not know: it is a newer one's")
    if now is not None and not settings.is_sqlite:
        raise ConfigError(f"the database is at migration {now}, and this program needs {wanted}: run `squadroom db upgrade` first")
    upgrade(settings)


def _is_known(revision: str) -> bool:
    return any(dict(_NAME.findall(path.read_text())).get("revision") == revision for path in (MIGRATIONS / "versions").glob("*.py"))


def config(settings: Settings) -> Config:
    from alembic.config import Config

    made = Config(attributes={"url": settings.url})
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made
