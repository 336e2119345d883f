"""An association's roster of some thousand rows: shown, applied and undone by the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from app.membership.models import MemberRole, Role
from bench.places import READER, Place

AGENCIES, CLASSES = 500, ("head", "sworn", "civilian")  # as `squadroom seed` makes them
HEADER = ("email", "name", "rank", "ori", "member_class", "status")


def write(path: Path, rows: int) -> None:
    """Of ten rows three are new, one moves to another agency, one leaves, two have another rank, and three are as they are here."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        lines.writerows(_row(i) for i in range(1, rows + 1))


def _row(i: int) -> tuple[str, ...]:
    turn = i % 10
    agency = (i + (turn == 3)) % AGENCIES + 1
    who = (f"new{i}@seed.example", f"Newcomer {i:05d}") if turn < 3 else (f"member{i}@seed.example", f"Member {i:05d}")
    return (*who, "Captain" if turn in (5, 6) else "Chief", f"ZZ{agency:07d}", CLASSES[i % 3], "separated" if turn == 4 else "active")


def appoint(place: Place) -> None:
    """An administrator, whom `squadroom seed` does not make: without one nobody may leave."""
    with place.database() as db, db.write() as session:
        if session.get(MemberRole, (READER, Role.ADMIN)) is None:
            session.add(MemberRole(member_id=READER, role=Role.ADMIN))


def times(place: Place, file: Path) -> dict[str, float]:
    """Seconds of each command, in a new process each. What was applied is undone, so that the next time finds the same."""
    shown, _ = place.command("import", "roster", str(file), "--json")
    applied, said = place.command("import", "roster", str(file), "--apply", "--json")
    undone, _ = place.command("import", "undo", str(json.loads(said)["import_id"]))
    return {"shown": shown, "applied": applied, "undone": undone}
