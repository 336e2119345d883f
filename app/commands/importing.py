"""`squadroom import …`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from app.commands.running import Failed, database, settings_of, show


def agencies(file: Path, as_json: bool) -> None:
    """Broken rows are named by line and left out; the rest is taken in, and the exit code is 1."""
    from app.agencies.importing import import_file

    settings = settings_of("import")
    with database(settings) as db:
        result = import_file(db, file)
    if as_json:
        counts = {"added": result.added, "changed": result.changed, "unchanged": result.unchanged}
        show({**counts, "broken": _lines(result.broken), "doubtful": _lines(result.doubtful)})
    else:
        for line, reason in result.doubtful:
            print(f"line {line}, taken as it stands: {reason}")
        for line, reason in result.broken:
            print(f"line {line}, left out: {reason}")
        print(f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged, {len(result.broken):,} broken")
    _fail_for(result.broken, file)


def dotgov(file: Path, dated: dt.datetime | None, commit: str, may_shrink: bool, as_json: bool) -> None:
    """The same for the registry of .gov names."""
    from app.agencies.dotgov.importing import Source, import_file

    settings = settings_of("import")
    with database(settings) as db:
        result = import_file(db, Source(file, dated, commit[:64], may_shrink))
    if as_json:
        counts = {"added": result.added, "changed": result.changed, "unchanged": result.unchanged, "removed": result.removed}
        show({**counts, "broken": _lines(result.broken)})
    else:
        for line, reason in result.broken:
            print(f"line {line}, left out: {reason}")
        counted = f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged, {result.removed:,} removed"
        print(f"{counted}, {len(result.broken):,} broken")
    _fail_for(result.broken, file)


def _fail_for(broken: list[tuple[int, str]], file: Path) -> None:
    if broken:
        raise Failed(f"{len(broken)} row(s) of {file.name} could not be read, the first at line {broken[0][0]}")


def _lines(said: list[tuple[int, str]]) -> list[dict[str, int | str]]:
    return [{"line": line, "reason": reason} for line, reason in said]
