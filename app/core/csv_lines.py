"""Lists that come as CSV files, a row a line: each line is read by itself, so that a stray quotation mark breaks its own row alone.
And lists that go out so: no cell of them is a formula to the program that opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable


class Broken(Exception):
    """A row that can't be taken, with the reason."""


def cells(line: str) -> list[str]:
    """A line's cells; nothing for an empty line. Broken if it can't be read."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], strict=True), [])
    except csv.Error as error:
        raise Broken(f"can't be read: {error}") from None


MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def _cell(value: object) -> str:
    """As text; what a spreadsheet would take for a formula begins with an apostrophe (H11)."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def written(rows: Iterable[Iterable[object]]) -> str:
    """The file's text, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()
