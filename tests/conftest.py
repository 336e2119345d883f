"""Every test that takes `world` runs on a real SQLite and on a real PostgreSQL, each with the cast's database in its first state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import PostgresTemplate, SqliteTemplate, Template
from tests.world import World

ENGINES = ("sqlite", "postgres")

# What lands is judged by the same examples each time: a chance find must not stop somebody else's work. To look for new ones,
# `bin/test --hypothesis-profile=wide tests/mail`, and write what it finds beside its test as an @example.
settings.register_profile("steady", derandomize=True)
settings.register_profile("wide", derandomize=False)
settings.load_profile("steady")


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
