"""The piece of a text in which the words stand that were looked for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NamedTuple

from app.search.words import placed

LENGTH, BEFORE, LOOKED = 220, 60, 20_000
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_MARKS = re.compile(r"(?m)^\s{0,3}(?:#{1,6}|>|[-+*]|\d+[.)])\s+|[*`~|]+|:?-{3,}:?|\\(?=[^\w\s])|_{2,}")


class Piece(NamedTuple):
    text: str
    is_match: bool


def snippet(texts: Iterable[str], stems: frozenset[str]) -> list[Piece]:
    """Of the first text that has one of the words, else of the first: pieces in their order, marked or not."""
    first: list[Piece] = []
    for text in texts:
        plain = _plain(text)
        spans = [(word.start, word.end) for word in placed(plain) if word.said in stems] if stems else []
        if spans:
            return _around(plain, spans)
        first = first or _around(plain, [])
    return first


def marked(text: str, stems: frozenset[str]) -> list[Piece]:
    """A whole line, such as a title."""
    spans = [(word.start, word.end) for word in placed(text) if word.said in stems]
    return _cut(text, spans, 0, len(text))


def safe_html(pieces: Iterable[Piece]) -> str:
    """For scripts; pages have a template of their own."""
    return "".join(f"<mark>{html.escape(piece.text)}</mark>" if piece.is_match else html.escape(piece.text) for piece in pieces)


def _plain(text: str) -> str:
    """Without the marks of Markdown: what is left is read, not rendered."""
    return " ".join(_MARKS.sub(" ", _LINK.sub(r"\1", text[:LOOKED])).split())


def _around(text: str, spans: list[tuple[int, int]]) -> list[Piece]:
    start = max(spans[0][0] - BEFORE, 0) if spans else 0
    if start:
        start = text.find(" ", start, start + 30) + 1 or start
    end = min(start + LENGTH, len(text))
    if end < len(text):
        end = max(text.rfind(" ", start + LENGTH // 2, end), start + LENGTH // 2)
    pieces = _cut(text, spans, start, end)
    head, tail = [Piece("… ", False)] * (start > 0), [Piece(" …", False)] * (end < len(text))
    return [*head, *pieces, *tail]


def _cut(text: str, spans: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    pieces, at = [], start
    for first, last in spans:
        if first < at or last > end:
            continue
        if first > at:
            pieces.append(Piece(text[at:first], False))
        pieces.append(Piece(text[first:last], True))
        at = last
    return [*pieces, Piece(text[at:end], False)] if at < end else pieces
