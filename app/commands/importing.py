"""`squadroom import …`."""

from __future__ import annotations

from pathlib import Path

from app.commands.running import Failed, database, settings_of, show


def agencies(file: Path, as_json: bool) -> None:
    """Broken rows are named by line and left out; the rest is taken in, and the exit code is 1."""
    from app.agencies.importing import import_file

    settings = settings_of("import")
    if not file.is_file():
        raise Failed(f"{file} is not a file")
    with database(settings) as db:
        result = import_file(db, file)
    if as_json:
        broken = [{"line": line, "reason": reason} for line, reason in result.broken]
        show({"added": result.added, "changed": result.changed, "unchanged": result.unchanged, "broken": broken})
    else:
        for line, reason in result.broken:
            print(f"line {line}: {reason}")
        print(f"{result.added:,} added, {result.changed:,} changed, {result.unchanged:,} unchanged, {len(result.broken):,} broken")
    if result.broken:
        raise Failed(f"{len(result.broken)} row(s) of {file.name} could not be read, the first at line {result.broken[0][0]}")
