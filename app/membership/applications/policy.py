"""What an approval takes besides two people (V2, V3): a call-back or its waiver, and two kinds of evidence. One rule, asked by the page
and by the act; the database asks it once more (membership/triggers.py)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

KINDS_NEEDED = 2
_NUMBER = re.compile(r"\+?[0-9][0-9(). /-]{5,}[0-9]")


def kinds(evidence: Iterable[Any]) -> set[str]:
    """The kinds that reviewers saw for themselves: what the applicant says of themselves is none."""
    return {e.kind for e in evidence if e.added_by is not None}


def missing(evidence_kinds: Iterable[str], *, is_called: bool, is_waived: bool) -> list[str]:
    """What is still to be done before a case can be approved, as sentences; nothing if it can."""
    held = set(evidence_kinds) | ({"call_back"} if is_called else set())
    found = []
    if not (is_called or is_waived):
        found.append("Call the agency back, at a number that you found yourself.")
    if len(held) < KINDS_NEEDED:
        found.append(f"Record {KINDS_NEEDED - len(held)} more kind{'s' if KINDS_NEEDED - len(held) > 1 else ''} of evidence.")
    return found


def digits(number: str) -> str:
    """A phone number as it is dialled inside the country: without marks, and without the country's 1."""
    found = "".join(re.findall(r"[0-9]+", number))
    return found[1:] if len(found) == 11 and found.startswith("1") else found


def is_among(number: str, given: Iterable[str]) -> bool:
    """Whether it is one of these numbers, with or without its area code."""
    dialled = digits(number)
    return any(dialled.endswith(one) or one.endswith(dialled) for one in given)


def numbers_in(texts: Iterable[str]) -> set[str]:
    """Every phone number in what the applicant wrote."""
    return {digits(found) for text in texts for found in _NUMBER.findall(text)}
