"""`squadroom import agencies FILE.csv`: the FBI's list of agencies (Crime Data Explorer), read once or again each year.

Rows are known by their ORI. What the file says of a row is written where it differs from what stands; what the association wrote
by hand (numbers, regions, mail domains, and any name or type it has changed) is left alone. A row that can't be taken is named by its
line and leaves the others in. All that is taken is taken in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.orm import Session

from app.agencies import access
from app.agencies.facts import STATES, ori_problem
from app.agencies.models import Agency, AgencyType
from app.agencies.naming import city_of, search_text, short_name, tidy
from app.agencies.operations import BY_HAND
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.csv_lines import Broken, cells
from app.core.db import Database
from app.core.errors import Refusal

SOURCE = "cde"
COLUMNS = ("ori9", "state", "agency_name", "agency_type", "county")
CHUNK = 2000

_TYPES = {
    "City": AgencyType.CITY,
    "County": AgencyType.COUNTY,
    "State Police": AgencyType.STATE,
    "Other State Agency": AgencyType.STATE,
    "Tribal": AgencyType.TRIBAL,
    "University or College": AgencyType.UNIVERSITY,
    "Federal": AgencyType.FEDERAL,
    "Other": AgencyType.OTHER,
    "Unknown": AgencyType.OTHER,
}
_CODE = re.compile(r"[A-Z0-9]{9}")
_FROM_FILE = ("name", "short_name", "agency_type", "state", "county", "city", "search_text")
_INSERT = insert(Agency.__table__)  # type: ignore[arg-type]  # Core: 23,000 rows in a second
_UPDATE = (
    update(Agency.__table__)  # type: ignore[arg-type]
    .where(Agency.id == bindparam("row_id"))
    .values({**{name: bindparam(name) for name in _FROM_FILE}, "version": Agency.version + 1, "updated_at": bindparam("updated_at")})
)


class NotThisFile(Refusal):
    """The file as a whole is not a list of agencies."""

    title = "This is not a list of agencies"


@dataclass(slots=True)
class Imported:
    """What became of a file's rows. `broken` were left out; `doubtful` were taken as the file has them. Both are (line, reason)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)
    doubtful: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        if not (self.added or self.changed or self.broken):
            return f"no change: {self.unchanged:,} agencies stand as the file has them"
        counts = f"{self.added:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged"
        return f"{counts}, {len(self.broken):,} left out" if self.broken else counts


def import_file(db: Database, path: Path, actor: Actor | None = None) -> Imported:
    """Read the file and bring the table up to it; NotThisFile where it has no such columns."""
    done = Imported()
    try:
        # A byte that is no UTF-8 becomes a lone surrogate, and the row that holds it is named as broken.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            rows = dict(_taken(file, done))
    except OSError as error:
        raise NotThisFile(f"{path}: {error.strerror}") from None
    with db.write() as session:
        _bring_up(session, rows, done)
        by = actor or system("import")
        counts: dict[str, Any] = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged, "broken": len(done.broken)}
        audit.record(session, by, "agency.import", ("agency", None), file=path.name, **counts)
    return done


def _header(line: str) -> list[str]:
    try:
        header = cells(line)
    except Broken as error:
        raise NotThisFile(f"line 1: {error}") from None
    if missing := [name for name in COLUMNS if name not in header]:
        raise NotThisFile(f"The first line names no column {missing[0]}.")
    return header


def _taken(file: IO[str], done: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    """The good rows by ORI, and on the way what is wrong with the others."""
    seen: dict[str, int] = {}
    header = _header(file.readline())
    for number, line in enumerate(file, start=2):
        try:
            said = cells(line)
            if not said:
                continue
            ori, row, doubt = _row(header, said, seen)
        except Broken as error:
            done.broken.append((number, str(error)))
            continue
        seen[ori] = number
        if doubt:
            done.doubtful.append((number, doubt))
        yield ori, row


def _row(header: list[str], said: list[str], seen: dict[str, int]) -> tuple[str, dict[str, Any], str]:
    """A row's ORI, its values as they are stored, and what is doubtful in it; Broken if it can't be taken."""
    if len(said) != len(header):
        raise Broken(f"has {len(said)} columns and not {len(header)}")
    text = dict(zip(header, (" ".join(cell.split()) for cell in said), strict=True))
    ori, state, name, county = text["ori9"].upper(), text["state"].upper(), tidy(text["agency_name"]), text["county"]
    if not _CODE.fullmatch(ori):
        raise Broken(f"ORI {ori!r} is not nine letters and digits")
    if ori in seen:
        raise Broken(f"ORI {ori} stands in line {seen[ori]} already")
    if state not in STATES:
        raise Broken(f"{state!r} is not a state")
    if text["agency_type"] not in _TYPES:
        raise Broken(f"{text['agency_type']!r} is not a type of agency")
    if len(name) > 200 or len(county) > 200 or not (name + county).isprintable():
        raise Broken("its name or county is too long or holds characters that can't be shown")
    doubt = ori_problem(ori, state) if name else "It has no name."
    return ori, _values(ori, state, name or f"Agency {ori}", _TYPES[text["agency_type"]], county), doubt


def _values(ori: str, state: str, name: str, agency_type: AgencyType, county: str) -> dict[str, Any]:
    short = short_name(name, state, agency_type) if ori not in name else name
    city = city_of(name, agency_type)
    return {
        "name": name, "short_name": short, "agency_type": agency_type.value, "state": state, "county": county, "city": city,
        "search_text": search_text(name, state, county, city, short, agency_type, ori),
    }  # fmt: skip


def _bring_up(session: Session, rows: dict[str, dict[str, Any]], done: Imported) -> None:
    standing, merged, now = access.all_by_ori(session), access.merged_oris(session), clock.now()
    rows = {ori: row for ori, row in rows.items() if ori not in merged}  # what was merged into another is not made anew
    new = [{**row, "ori": ori, "source": SOURCE, "version": 1, "updated_at": now} for ori, row in rows.items() if ori not in standing]
    changed = [
        {**row, "row_id": standing[ori].id, "updated_at": now}
        for ori, row in rows.items()
        if ori in standing and _differs(standing[ori], row)
    ]
    for statement, values in ((_INSERT, new), (_UPDATE, changed)):
        for start in range(0, len(values), CHUNK):
            session.connection().execute(statement, values[start : start + CHUNK])
    done.added, done.changed = len(new), len(changed)
    done.unchanged = len(rows) - done.added - done.changed


def _differs(stands: Row[Any], row: dict[str, Any]) -> bool:
    """Whether the file says something else. A row that the association has edited is its own, whatever the file says."""
    return stands.source != BY_HAND and any(getattr(stands, name) != row[name] for name in _FROM_FILE)
