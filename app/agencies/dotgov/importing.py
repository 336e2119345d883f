"""`squadroom import dotgov FILE.csv`: the registry of .gov names as CISA publishes it (V4), taken whole: what left the file leaves the
table. A row that can't be read is named by its line; what stands of its name stays. A file that can't be right as a whole changes nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app.agencies.addresses.looks import skeleton
from app.agencies.addresses.nearness import Names
from app.agencies.dotgov.models import GovDomain, GovRegistry
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.csv_lines import Broken, cells
from app.core.db import Database
from app.core.errors import Refusal

CHUNK = 2000
MOST_GONE = 0.1  # of the names that stand; a file that lacks more was cut off on its way
_COLUMNS = {
    "domain name": "domain", "domain type": "domain_type", "organization name": "organization",
    "suborganization name": "suborganization", "city": "city", "state": "state",
}  # fmt: skip
_NEEDED = tuple(name for name in _COLUMNS if name != "suborganization name")
_LONGEST = {"domain": 253, "domain_type": 100, "organization": 300, "suborganization": 300, "city": 100, "state": 2}
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+gov")
_FIELDS = ("domain_type", "organization", "suborganization", "city", "state", "skeleton")
_TABLE: Any = GovDomain.__table__
_INSERT = insert(_TABLE)
_UPDATE = update(_TABLE).where(_TABLE.c.domain == bindparam("key")).values({name: bindparam(name) for name in _FIELDS})
_DELETE = delete(_TABLE).where(_TABLE.c.domain == bindparam("key"))
_Rows = dict[str, dict[str, Any]]


class NotThisFile(Refusal):
    """The file as a whole is not the registry."""

    title = "This is not the registry of .gov names"


@dataclass(frozen=True, slots=True)
class Source:
    """The file, and what is known of it: its date, and the commit that it was published with."""

    path: Path
    dated: dt.datetime | None = None
    commit: str = ""
    may_shrink: bool = False


@dataclass(slots=True)
class Imported:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)  # (line, reason)


def import_file(db: Database, source: Source, actor: Actor | None = None) -> Imported:
    """Read the file and bring the table up to it; NotThisFile where it is something else, and then nothing is changed."""
    done = Imported()
    now = clock.now()
    if source.dated is not None and source.dated > now:
        raise NotThisFile(f"The file's date, {source.dated:%Y-%m-%d}, is yet to come.")
    rows = _read(_text(source.path), done)
    with db.write() as session:
        _bring_up(session, rows, source, done)
        _note(session, source, now, is_other=bool(done.added or done.changed or done.removed))
        counts: dict[str, Any] = {"added": done.added, "changed": done.changed, "removed": done.removed, "broken": len(done.broken)}
        audit.record(session, actor or system("import"), "dotgov.import", ("dotgov", None), file=source.path.name, **counts)
    return done


# Reading --------------------------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NotThisFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise NotThisFile(f"Line {line} is not UTF-8 text. Take the file as it is published, not saved anew by another program.") from None


def _read(text: str, done: Imported) -> _Rows:
    """The rows by name. Of a row that can't be read, whose name can: nothing, and what stands of it stays."""
    lines = text.split("\n")
    header = _header(lines[0])
    rows: _Rows = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            row = _row(header, cells(line))
            if row["domain"] in rows:
                raise Broken(f"{row['domain']} stands in an earlier line already")
            rows[row["domain"]] = row
        except Broken as error:
            done.broken.append((number, str(error)))
            rows.setdefault(line.partition(",")[0].strip(' "').lower(), {})
    if not any(rows.values()):
        raise NotThisFile("The file names no .gov domain.")
    return rows


def _header(line: str) -> list[str]:
    """The names of our columns in the file's order; those that are not ours stay as they are."""
    try:
        said = [" ".join(cell.split()).lower() for cell in cells(line)]
    except Broken as error:
        raise NotThisFile(f"Line 1 {error}.") from None
    if missing := [name for name in _NEEDED if name not in said]:
        raise NotThisFile(f"The first line names no column “{missing[0].capitalize()}”.")
    return [_COLUMNS.get(name, name) for name in said]


def _row(header: list[str], said: list[str]) -> dict[str, Any]:
    if len(said) != len(header):
        raise Broken(f"has {len(said)} columns and not {len(header)}")
    text = dict(zip(header, (" ".join(cell.split()) for cell in said), strict=True))
    row: dict[str, Any] = {name: text.get(name, "") for name in _LONGEST}
    row["domain"], row["state"] = row["domain"].lower(), row["state"].upper()
    if not _NAME.fullmatch(row["domain"]):
        raise Broken(f"{row['domain'][:60]!r} is not a name that ends in .gov")
    for name, most in _LONGEST.items():
        if len(row[name]) > most or not row[name].isprintable():
            raise Broken(f"its {name.replace('_', ' ')} is too long or holds characters that can't be shown")
    return {**row, "skeleton": skeleton(row["domain"].removesuffix(".gov"))}


# Writing --------------------------------------------------------------------------------------------------------------------


def _bring_up(session: Session, rows: _Rows, source: Source, done: Imported) -> None:
    standing = {row.domain: row for row in session.execute(select(_TABLE))}
    gone = [name for name in standing if name not in rows]
    if len(gone) > len(standing) * MOST_GONE and not source.may_shrink:
        raise NotThisFile(
            f"{len(gone):,} of {len(standing):,} names that stand here are not in the file. Was it cut off? --shrink takes it as it is."
        )
    taken = {name: row for name, row in rows.items() if row}
    new = [row for name, row in taken.items() if name not in standing]
    other = [name for name in taken if name in standing and any(getattr(standing[name], f) != taken[name][f] for f in _FIELDS)]
    _in_chunks(session, _INSERT, new)
    _in_chunks(session, _UPDATE, [{"key": name} | {f: taken[name][f] for f in _FIELDS} for name in other])
    _in_chunks(session, _DELETE, [{"key": name} for name in gone])
    done.added, done.changed, done.removed, done.unchanged = len(new), len(other), len(gone), len(taken) - len(new) - len(other)


def _in_chunks(session: Session, statement: Any, values: list[dict[str, Any]]) -> None:
    for start in range(0, len(values), CHUNK):
        session.connection().execute(statement, values[start : start + CHUNK])


def _note(session: Session, source: Source, now: dt.datetime, *, is_other: bool) -> None:
    """What the copy is, and its names packed for searching. One that says the same keeps its version."""
    domains: Iterable[str] = session.execute(select(_TABLE.c.domain)).scalars()
    names, held = Names.of(domain.removesuffix(".gov") for domain in domains).packed()
    registry = session.get(GovRegistry, 1)
    if registry is None:
        registry = GovRegistry(id=1, version=0, names="")
        session.add(registry)
    if is_other:
        registry.version += 1
    registry.names, registry.letters, registry.size = names, held, names.count("\n") + 1
    registry.dated, registry.commit, registry.imported_at = source.dated or now, source.commit, now
