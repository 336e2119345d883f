"""`squadroom import roster`, `import undo` and `import list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.running import Failed, database, settings_of, show

if TYPE_CHECKING:
    from app.membership.roster_file.planning import Plan

TITLES = {
    "join": "Joins: a case is opened for each. Nobody becomes a member by a file.",
    "move": "Moves: agency, class, rank or name change.",
    "leave": "Leaves: all access ends at once.",
}
WIDEST = 44


def roster(file: Path, is_applied: bool, as_json: bool) -> None:
    """Shows what the file would do, or does it. Rows in conflict are named and left out; applied with some, the exit code is 1."""
    from app.core.access import system
    from app.membership.roster_file import applying, planning, reading

    settings, read, number = settings_of("import"), reading.read(file), None
    with database(settings) as db, db.write() as session:
        if is_applied:
            number, made = applying.apply(session, system("commands"), read)
        else:
            made = planning.plan(session, read)
    if as_json:
        show(_as_json(made, number))
    else:
        _print(made, number)
    if is_applied and made.conflicts:
        first = made.conflicts[0]
        raise Failed(f"{len(made.conflicts)} row(s) of {file.name} were not applied, the first at line {first.line}: {first.reason}")


def undo(number: int, as_json: bool) -> None:
    from app.core.access import system
    from app.membership.roster_file import undoing

    with database(settings_of("import")) as db, db.write() as session:
        done = undoing.undo(session, system("commands"), number)
    left = [{"line": one.line, "email": one.email, "reason": one.reason} for one in done.left]
    if as_json:
        show({"import_id": number, "members": done.members, "cases": done.cases, "left": left})
        return
    print(f"Import {number} is undone: {done.members:,} members put back, {done.cases:,} cases withdrawn.")
    if done.members:
        print("Sessions, tokens and letters that had ended with their access stay ended: they sign in again. Cases that they had")
        print("claimed are free. A yearly confirmation that fell due meanwhile is asked for with its whole notice.")
    _table([(f"line {one.line}", one.email, one.reason) for one in done.left], "Left as they are, or not wholly put back:")


def applied(as_json: bool) -> None:
    from app.core.access import system
    from app.membership.roster_file import access

    with database(settings_of("import")) as db, db.write() as session:
        rows = [
            {"import_id": r.id, "file": r.file, "applied_at": r.applied_at, "joins": r.joins, "moves": r.moves, "leaves": r.leaves,
             "conflicts": r.conflicts, "undone_at": r.undone_at}
            for r in session.execute(access.imports(system("commands"))).scalars()
        ]  # fmt: skip
    if as_json:
        show({"imports": rows})
        return
    said = [_line(row) for row in rows]
    _table(said, "Applied rosters:" if said else "No roster was applied yet.", always=True)


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    counts = f"{row['joins']} joins, {row['moves']} moves, {row['leaves']} leaves"
    return (str(row["import_id"]), f"{row['applied_at']:%Y-%m-%d %H:%M}", counts, row["file"], "undone" if row["undone_at"] else "")


def _steps(made: Plan, kind: str) -> list[dict[str, Any]]:
    return [{"line": s.row.line, "email": s.row.email, "name": s.row.name, "change": s.said} for s in made.of(kind)]


def _as_json(made: Plan, number: int | None) -> dict[str, Any]:
    return {
        **({} if number is None else {"import_id": number}),
        "joins": _steps(made, "join"),
        "moves": _steps(made, "move"),
        "leaves": _steps(made, "leave"),
        "conflicts": [{"line": c.line, "email": c.email, "reason": c.reason} for c in made.conflicts],
        "unchanged": made.unchanged,
        "not_in_file": [{"email": m.email, "name": m.name} for m in made.absent],
        "encoding": made.roster.encoding,
    }


def _print(made: Plan, number: int | None) -> None:
    if made.roster.encoding != "UTF-8":
        print(f"The file is read as {made.roster.encoding}. Look whether the names are right.\n")
    for kind, title in TITLES.items():
        steps = made.of(kind)
        _table([(f"line {s.row.line}", s.row.email, f"{s.row.rank} {s.row.name}".strip(), s.said) for s in steps], title)
    _table([(f"line {c.line}", c.email, c.reason) for c in made.conflicts], "Conflicts: these rows are not applied.")
    _table(
        [(m.email, f"{m.rank} {m.name}".strip()) for m in made.absent],
        "Not in the file, though of these agencies: nothing changes.",
    )
    counts = f"{len(made.of('join')):,} joins, {len(made.of('move')):,} moves, {len(made.of('leave')):,} leaves"
    print(f"{counts}, {len(made.conflicts):,} conflicts, {made.unchanged:,} unchanged.")
    if number is None:
        print("Nothing is changed yet. Add --apply to do it.")
    else:
        print(f"Applied as import {number}. `squadroom import undo {number}` puts it back.")


def _table(rows: list[tuple[str, ...]], title: str, always: bool = False) -> None:
    """Columns one below the other; the last is as wide as it is."""
    if not rows and not always:
        return
    print(title)
    widths = [min(WIDEST, max(len(cell) for cell in column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(("  " + "  ".join(cells)).rstrip())
    print()
