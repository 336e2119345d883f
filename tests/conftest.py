"""Every test that takes `world` runs on a real SQLite and on a real PostgreSQL, each with the cast's database in its first state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import PostgresTemplate, SqliteTemplate, Template
from tests.world import World

ENGINES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def template_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Template]]:
    """The template of an engine, made when the first test asks for it."""
    made: dict[str, Template] = {}

    def get(engine: str) -> Template:
        if engine not in made:
            made[engine] = (SqliteTemplate if engine == "sqlite" else PostgresTemplate)(tmp_path_factory.mktemp(engine))
        return made[engine]

    yield get
    for template in made.values():
        template.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(engine: str, template_of: Callable[[str], Template], tmp_path: Path) -> Iterator[World]:
    """The cast's association on one engine, at people.NOW, with nothing written yet. See tests/world.py."""
    template = template_of(engine)
    world = World(template.fresh(), template.ids, tmp_path)
    try:
        yield world
    finally:
        world.close()
