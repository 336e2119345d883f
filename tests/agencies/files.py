"""The files that import tests read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.agencies.dotgov import importing as dotgov
from app.agencies.importing import Imported, import_file
from tests.world import World

SAMPLE = Path(__file__).parent / "agencies.csv"
REAL = Path(__file__).parents[3] / "shared" / "data" / "fbi_cde_agencies.csv"
needs_real_file = pytest.mark.skipif(not REAL.exists(), reason="the real list of agencies (../shared/data) is not here")

DOTGOV = Path(__file__).parent / "dotgov.csv"
REAL_DOTGOV = REAL.parent / "dotgov-slim.csv"
needs_real_registry = pytest.mark.skipif(not REAL_DOTGOV.exists(), reason="the real .gov registry (../shared/data) is not here")


def import_text(world: World, text: str) -> Imported:
    path = world.folder / "agencies.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return import_file(world.db, path)


def import_dotgov(world: World, what: Path | str | bytes = DOTGOV, **known: Any) -> dotgov.Imported:
    """A file, or what one holds."""
    path = what if isinstance(what, Path) else world.folder / "dotgov.csv"
    if not isinstance(what, Path):
        path.write_bytes(what.encode() if isinstance(what, str) else what)
    return dotgov.import_file(world.db, dotgov.Source(path, **known))
