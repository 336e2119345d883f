"""A measurement in two steps, each in a process of its own, so that memory and time are the measured step's alone:
`python -m bench.NAME prepare COUNT`, then `python -m bench.NAME run`, with SQUADROOM_DATA_DIR and SQUADROOM_DATABASE_URL set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from app.commands import schema
from app.core.config import Settings, load
from app.core.db import Database, open_database
from app.wiring import wire

Prepare = Callable[[Database, Settings, int], None]
Run = Callable[[Database, Settings], dict[str, Any]]


def take(prepare: Prepare, run: Run, count: int) -> None:
    """Do the step that the command line names. `count` is how many where it doesn't say."""
    step, many = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else count
    settings = load()
    schema.make_ready(settings)
    wire(settings)
    db = open_database(settings)
    try:
        if step == "prepare":
            prepare(db, settings, many)
        else:
            print(json.dumps(run(db, settings)))
    finally:
        db.close()
