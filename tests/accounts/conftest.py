"""Hashes are cheap here by their parameters (A5 is shown with the real ones), and a strict world stands beside the usual one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts import passwords
from tests.world import World

CHEAP = passwords.Cost(memory_kib=64, rounds=1)


@pytest.fixture(autouse=True)
def cheap_hashes() -> Iterator[None]:
    passwords.set_cost(CHEAP)
    yield
    passwords.set_cost(passwords.STANDARD)


def _made(engine: str, template_of, folder: Path, **settings: str) -> Iterator[World]:
    template = template_of(engine)
    made = World(template.fresh(), template.ids, folder, **settings)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def strict_world(engine: str, template_of, tmp_path: Path) -> Iterator[World]:
    yield from _made(engine, template_of, tmp_path, profile="strict")


@pytest.fixture
def demo_world(engine: str, template_of, tmp_path: Path) -> Iterator[World]:
    yield from _made(engine, template_of, tmp_path, env="demo")
