"""Which of the newest hits come first: what the title says, an answer that was accepted, a lesson that others adopted, and how new it is.
Only a window of hits is ranked, and by whole numbers, so that both engines and every page of a list agree on the order."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from app.search.asking import Asked, Phrase
from app.search.documents import day_number, day_of, is_file
from app.search.finding import Hit
from app.search.words import words

RANKED = 300
_TITLE, _WHOLE, _ANSWER, _ANSWERED, _OPENING, _LESSON, _ADOPTED, _NEW = 60, 20, 25, 8, 6, 4, 6, 30
_FADES = 120  # days after which being new counts half


def ranked(hits: list[Hit], asked: Asked, now: dt.datetime) -> list[tuple[int, Hit]]:
    """The best first, each with its score; of the same score the newest."""
    today = day_number(now)
    scored = [(_score(hit, asked.wanted, today), hit) for hit in hits]
    return sorted(scored, key=lambda one: (-one[0], -one[1].doc))


def _score(hit: Hit, wanted: tuple[Phrase, ...], today: int) -> int:
    row: Any = hit.row
    score = _NEW * _FADES // (_FADES + max(today - day_of(hit.doc), 0))
    if is_file(hit.doc):
        return score
    if row.position == 0:
        score += _OPENING + _in_title(row.title, wanted)
        score += _LESSON * (row.kind == "lesson") + _ANSWERED * (row.answer_position is not None) + _ADOPTED * min(row.adopted, 5)
    return score + (_ANSWER if row.answer_position == row.position else 0)


@lru_cache(maxsize=4_000)
def _in_title(title: str, wanted: tuple[Phrase, ...]) -> int:
    """How much of what is looked for the title says, and a little more where it says all of it side by side."""
    if not wanted:
        return 0
    said = f" {' '.join(words(title))} "
    found = sum(f" {' '.join(phrase)} " in said for phrase in wanted)
    whole = f" {' '.join(word for phrase in wanted for word in phrase)} " in said
    return _TITLE * found // len(wanted) + _WHOLE * whole
