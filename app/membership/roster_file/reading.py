"""Reads a roster: the bytes as text where that is certain, the first line as its columns, and each row for itself.

Spreadsheets write such files in several ways: UTF-8 with a mark or without, an old Western encoding, commas, semicolons or tabs. What can
be read for certain is read; anything else is refused in words. Nothing here looks at the database.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.core.email import normalise
from app.core.errors import Refusal
from app.core.fields import Line, Name
from app.membership.models import MemberClass

COLUMNS = ("email", "name", "rank", "ori", "member_class", "status")
STATUSES = ("active", "retired", "separated", "suspended")
MOST_BYTES, MOST_ROWS = 20_000_000, 100_000
# What an old Western encoding adds to ASCII and a name may hold: its letters. Its other signs are other letters elsewhere.
_LETTERS = frozenset(range(0xC0, 0x100)) - {0xD7, 0xF7}
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_RANK: TypeAdapter[str] = TypeAdapter(Line)


class NotARoster(Refusal):
    """The file as a whole can't be taken."""

    title = "This is not a roster"


class Broken(Exception):
    """A row that can't be read, with the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the file has them. `rank` may be empty: then it says nothing about it."""

    line: int
    email: str
    name: str
    rank: str
    ori: str
    member_class: MemberClass
    status: str

    @property
    def said(self) -> tuple[str, ...]:
        return (self.email, self.name, self.rank, self.ori, self.member_class, self.status)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that is not applied, and why."""

    line: int
    email: str
    reason: str


@dataclass(slots=True)
class Roster:
    file: str
    rows: list[Row] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    encoding: str = "UTF-8"


def read(path: Path) -> Roster:
    """The file's rows; NotARoster where it is none, with the reason in words."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotARoster(f"{path}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise NotARoster(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    return parse(data, path.name)


def parse(data: bytes, file: str) -> Roster:
    text, encoding = _text(data)
    roster = Roster(file[:200], encoding=encoding)
    lines = text.splitlines()
    if len(lines) > MOST_ROWS:
        raise NotARoster(f"The file has more than {MOST_ROWS:,} rows.")
    numbered = iter(enumerate(lines, start=1))
    mark, header = _header(numbered)
    for number, line in numbered:
        if line.strip():
            _take(roster, number, line, mark, header)
    _settle_duplicates(roster)
    return roster


def _text(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            raise NotARoster("The file begins as UTF-16 and can't be read as such. Save it as CSV in UTF-8.") from None
    if b"\0" in data:
        raise NotARoster("The file is no text. Save the roster as CSV in UTF-8.")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        odd = {byte for byte in data if byte > 0x7F}
        if odd <= _LETTERS:
            return data.decode("latin-1"), "Latin-1"
        raise NotARoster("The file's encoding is not certain, so names could be spoilt. Save it as CSV in UTF-8.") from None


def _header(numbered: Iterator[tuple[int, str]]) -> tuple[str, list[str]]:
    """The mark between cells, and the columns in the file's order."""
    wanted = ",".join(COLUMNS)
    line = next((line for _, line in numbered if line.strip() and not line.lower().startswith("sep=")), "")
    if not line:
        raise NotARoster(f"The file is empty. Its first line must be: {wanted}")
    mark = max(",;\t", key=line.count)
    try:
        header = [cell.strip().lower() for cell in _cells(line, mark)]
    except Broken as error:
        raise NotARoster(f"The first line {error}. It must be: {wanted}") from None
    if sorted(header) != sorted(COLUMNS):
        raise NotARoster(f"The columns are not those of a roster. The first line must be: {wanted}")
    return mark, header


def _cells(line: str, mark: str) -> list[str]:
    """A line's cells. No cell goes over several lines, so a stray quotation mark breaks its own row alone."""
    try:
        return next(csv.reader([line], delimiter=mark, strict=True), [])
    except csv.Error as error:
        raise Broken(f"can't be read: {error}") from None


def _take(roster: Roster, number: int, line: str, mark: str, header: list[str]) -> None:
    email = ""
    try:
        cells = _cells(line, mark)
        if len(cells) != len(header):
            raise Broken(f"has {len(cells)} cells and not {len(header)}")
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        email = values["email"][:254]
        roster.rows.append(_row(number, values))
    except Broken as error:
        roster.conflicts.append(Conflict(number, email if email.isprintable() else "", str(error)))


def _row(number: int, values: dict[str, str]) -> Row:
    try:
        email = normalise(values["email"])
    except ValueError as error:
        raise Broken(f"the address {error}") from None
    try:
        name, rank = _NAME.validate_python(values["name"]), _RANK.validate_python(values["rank"])
    except ValidationError:
        raise Broken("the name or rank is missing, too long, or holds characters that can't be shown") from None
    if len(rank) > 100:
        raise Broken("the rank is longer than 100 characters")
    member_class, status = values["member_class"].lower(), values["status"].lower()
    if member_class not in set(MemberClass):
        raise Broken(f"{member_class[:20]!r} is no member class: {', '.join(MemberClass)}")
    if status not in STATUSES:
        raise Broken(f"{status[:20]!r} is no status: {', '.join(STATUSES)}")
    return Row(number, email, name, rank, values["ori"].upper()[:20], MemberClass(member_class), status)


def _settle_duplicates(roster: Roster) -> None:
    """The same row twice is taken once. Rows that disagree about a person are not taken, none of them."""
    by_email: dict[str, list[Row]] = {}
    for row in roster.rows:
        by_email.setdefault(row.email, []).append(row)
    kept = []
    for rows in by_email.values():
        if len({row.said for row in rows}) == 1:
            kept.append(rows[0])
            roster.conflicts += [
                Conflict(row.line, row.email, f"stands in line {rows[0].line} already, which is taken") for row in rows[1:]
            ]
        else:
            where = ", ".join(str(row.line) for row in rows)
            roster.conflicts += [Conflict(row.line, row.email, f"lines {where} say different things of this person") for row in rows]
    roster.rows = kept
