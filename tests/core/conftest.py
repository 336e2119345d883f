"""What tests of the log begin with."""

from __future__ import annotations

import pytest

from tests.core.chain import do_seal, problems, write
from tests.world import World


@pytest.fixture
def log(world: World) -> World:
    """Twelve sealed rows, with a checkpoint at their end."""
    write(world, 12)
    assert do_seal(world) == 12
    assert problems(world) == []
    return world
