"""The files that import tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.agencies.importing import Imported, import_file
from tests.world import World

SAMPLE = Path(__file__).parent / "agencies.csv"
REAL = Path(__file__).parents[3] / "shared" / "data" / "fbi_cde_agencies.csv"
needs_real_file = pytest.mark.skipif(not REAL.exists(), reason="the real list of agencies (../shared/data) is not here")


def import_text(world: World, text: str) -> Imported:
    path = world.folder / "agencies.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return import_file(world.db, path)
