"""What stands under own words: device lines, signatures, disclaimers, the footer of a mailing list. Each is peeled off from the end
while one of the rules finds something, so that they may come in any order."""

from __future__ import annotations

from collections.abc import Callable

from app.mail.trimming.devices import device
from app.mail.trimming.lines import Lines, Why, has_words
from app.mail.trimming.notices import disclaimer, list_footer
from app.mail.trimming.signatures import dashed_name, delimited, undelimited

WINDOW = 80  # lines from the end that a rule may look at
LONGEST = 4_000  # characters of each that it sees
MOST_PEELED = 12

# Each rule gets the last own lines, without blank ones at the end, and gives the first of those it would cut, or None.
Rule = Callable[[list[str]], int | None]
RULES: tuple[tuple[Rule, Why], ...] = (
    (device, Why.DEVICE),
    (list_footer, Why.LIST),
    (disclaimer, Why.DISCLAIMER),
    (delimited, Why.SIGNATURE),
    (dashed_name, Why.SIGNATURE),
    (undelimited, Why.SIGNATURE),
)


def mark(lines: Lines) -> None:
    for why, start, end in list(lines.runs()):
        if why is None:
            _peel(lines, start, end)


def _peel(lines: Lines, start: int, end: int) -> None:
    peeled = 0
    while peeled < MOST_PEELED:
        peeled += 1
        last = _last(lines, start, end)
        first = max(start, last - WINDOW)
        found = _found([text[:LONGEST] for text in lines.texts[first:last]])
        if found is None:
            return
        cut, why = found
        lines.cut(first + cut, end, why)
        end = first + cut


def _found(window: list[str]) -> tuple[int, Why] | None:
    if not window:
        return None
    return next(((cut, why) for rule, why in RULES if (cut := rule(window)) is not None), None)


def _last(lines: Lines, start: int, end: int) -> int:
    """The end of the lines with words; a rule alone under them is of no one's."""
    while end > start and not has_words(lines.texts[end - 1]):
        end -= 1
    return end
