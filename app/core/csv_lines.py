"""Lists that come as CSV files, a row a line: each line is read by itself, so that a stray quotation mark breaks its own row alone."""

from __future__ import annotations

import csv


class Broken(Exception):
    """A row that can't be taken, with the reason."""


def cells(line: str) -> list[str]:
    """A line's cells; nothing for an empty line. Broken if it can't be read."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], strict=True), [])
    except csv.Error as error:
        raise Broken(f"can't be read: {error}") from None
