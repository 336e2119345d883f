"""Telephone numbers in what people write. One reading for all: what a reviewer dialled, what an applicant wrote, who is here twice.

A number of a text is any row of its digits, whatever stands between them: dashes, bullets, brackets, words. So no way of writing it
hides it. Numbers here are those of North America, with or without the 1; others are compared by their last digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

LOCAL, WHOLE = 7, 10
FOREIGN_TAIL = 8  # digits that tell numbers of other countries apart, however their prefix is written
_EXTENSION = re.compile(r"(?:x|ext\.?|extension|#)[\s.:]*[0-9]{1,6}\s*$", re.IGNORECASE)
_OR = re.compile(r"[/,;&|]|\b(?:or|and)\b", re.IGNORECASE)
_AREA = re.compile(r"[2-9][0-9]{2}")


class _Group(NamedTuple):
    """Digits that stand together, and what stands between them and the ones before."""

    before: str
    digits: str


def dialled(text: str) -> str:
    """The one number that this text is, as dialled inside the country and without its extension; nothing if it is none, or several."""
    plain = _EXTENSION.sub("", _plain(text)).strip()
    found = "".join(re.findall(r"[0-9]", plain))
    if plain.startswith("+") and not found.startswith("1"):
        return found if LOCAL < len(found) <= 15 else ""
    found = _inside(found)
    return found if len(found) in (LOCAL, WHOLE) else ""


def first_in(text: str) -> str:
    """The first number of a field for one, of seven digits or more: what other people's are compared with."""
    found = "".join(re.findall(r"[0-9]", re.split(r"[x/]", _plain(text).lower())[0]))
    return _inside(found) if len(found) <= WHOLE + 1 else _inside(found[: WHOLE + found.startswith("1")])


def is_same(one: str, other: str) -> bool:
    """Whether two dialled numbers are one, with or without the area code."""
    return one.endswith(other) or other.endswith(one)


def stands_in(number: str, texts: Iterable[str]) -> bool:
    """Whether a dialled number stands in one of these texts, however it is written there."""
    return any(_stands_in(number, text) for text in texts)


def _stands_in(number: str, text: str) -> bool:
    plain = _plain(text)
    if len(number) not in (LOCAL, WHOLE):
        return number[-FOREIGN_TAIL:] in "".join(re.findall(r"[0-9]", plain))
    groups = [_Group(*found) for found in re.findall(r"([^0-9]*)([0-9]+)", plain)]
    return _row_has(number, groups) or any(_row_has(number, [_Group("", one)]) for one in _shortened(groups))


def _row_has(number: str, groups: list[_Group]) -> bool:
    row = "".join(group.digits for group in groups)
    if number in row:
        return True
    tail, ends = number[-LOCAL:], set(accumulate(len(group.digits) for group in groups))
    places = [end - LOCAL for end in ends if row[:end].endswith(tail)] if len(number) == WHOLE else []
    return any(not _has_area(groups, at) for at in places)  # written without its area code


def _has_area(groups: list[_Group], at: int) -> bool:
    """Whether an area code stands before this place of the row: then the seven digits are of another number."""
    start = 0
    for group, after in zip(groups, [*groups[1:], _Group("", "")], strict=True):
        end = start + len(group.digits)
        is_split = end == at and not re.search(r"[^\W\d_]", after.before)
        area = group.digits if is_split else group.digits[: at - start] if start < at < end else ""
        if area:
            return bool(_AREA.fullmatch(_inside_area(area)))
        start = end
    return False


def _shortened(groups: list[_Group]) -> Iterator[str]:
    """The second number of "276-555-0142/0143", which gives only the digits that differ."""
    row, first = "", ""
    for before, digits in groups:
        if len(row) >= LOCAL and len(digits) <= 4 and _OR.search(before):
            first = first or row[-WHOLE:]
            yield first[: -len(digits)] + digits
        elif len(digits) > 2:
            first = ""
        row += digits


def _inside(digits: str) -> str:
    """Without the country's 1."""
    return digits[1:] if len(digits) == WHOLE + 1 and digits.startswith("1") else digits


def _inside_area(digits: str) -> str:
    return digits[1:] if len(digits) == 4 and digits.startswith("1") else digits


def _plain(text: str) -> str:
    """Digits of all scripts as ours, and what only looks different made the same."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text))
