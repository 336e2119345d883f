"""What changed from one text to another, word by word, in bounded time: by words, or by lines where the words differ too much, or as a
whole where the lines do too.

The search is Myers' (An O(ND) Difference Algorithm, 1986). difflib's has no bound, and a message may hold
100,000 characters of like words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

MOST_CHANGES = 700
MOST_STEPS = 600_000  # about a third of a second
_WORDS = re.compile(r"\n+|[^\S\n]+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Piece(NamedTuple):
    """A stretch of text. `sign`: "-" was taken away, "+" is new, "" stands in both."""

    sign: str
    text: str


def compared(old: str, new: str) -> list[Piece]:
    """The pieces in order: those that are not "+" make the old text, those that are not "-" the new one."""
    pieces = _between(_WORDS.findall(old), _WORDS.findall(new))
    if pieces is None:
        pieces = _between(_LINES.findall(old), _LINES.findall(new))
    if pieces is None:
        pieces = [Piece("-", old), Piece("+", new)]
    return _joined(pieces)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    return [Piece(sign, "".join(piece.text for piece in some)) for sign, some in groupby(pieces, lambda piece: piece.sign)]


def _between(old: list[str], new: list[str]) -> list[Piece] | None:
    """None where it would take too long."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _searched(old[head : len(old) - tail], new[head : len(new) - tail])
    if middle is None:
        return None
    return [*(Piece("", word) for word in old[:head]), *middle, *(Piece("", word) for word in old[len(old) - tail :])]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words they begin with together."""
    length = min(len(one), len(other))
    return next((at for at in range(length) if one[at] != other[at]), length)


def _searched(old: list[str], new: list[str]) -> list[Piece] | None:
    if not old or not new:
        return [*(Piece("-", word) for word in old), *(Piece("+", word) for word in new)]
    furthest, trace, steps = {1: 0}, [], 0
    for changes in range(min(MOST_CHANGES, len(old) + len(new)) + 1):
        trace.append(furthest.copy())
        for line in range(-changes, changes + 1, 2):
            down = line == -changes or (line != changes and furthest[line - 1] < furthest[line + 1])
            x = start = furthest[line + 1] if down else furthest[line - 1] + 1
            while x < len(old) and x - line < len(new) and old[x] == new[x - line]:
                x += 1
            furthest[line] = x
            steps += 1 + x - start
            if x >= len(old) and x - line >= len(new):
                return _walked_back(old, new, trace)
        if steps > MOST_STEPS:
            return None
    return None


def _walked_back(old: list[str], new: list[str], trace: list[dict[int, int]]) -> list[Piece]:
    x, y = len(old), len(new)
    found: list[Piece] = []
    for changes in range(len(trace) - 1, -1, -1):
        furthest, line = trace[changes], x - y
        down = line == -changes or (line != changes and furthest[line - 1] < furthest[line + 1])
        before_x = furthest[line + 1] if down else furthest[line - 1]
        before_y = before_x - (line + 1 if down else line - 1)
        while x > before_x and y > before_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            found.append(Piece("", old[x]))
        if changes:
            found.append(Piece("+", new[before_y]) if down else Piece("-", old[before_x]))
            x, y = before_x, before_y
    return found[::-1]
