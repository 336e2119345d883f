"""What a member wrote in a mail, apart from what their mail program, their agency and their gateway added.

The rule of rules: no own word is lost. Where it is not plain whose words they are, they stay, and what is cut is kept beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from app.mail.trimming import banners, quotes, tails
from app.mail.trimming.lines import Lines, Why

MOST_LINES = 50_000  # no person wrote more: it is kept as it came


class Cut(NamedTuple):
    text: str
    why: Why


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`kept` is to be posted. `cut` holds the rest in its order: every line that has words is in exactly one of them, as written."""

    kept: str
    cut: tuple[Cut, ...]


def trim(text: str, html: str | None = None) -> Trimmed:
    """`html` is the same message's HTML part: it tells what is quoted where the text does not. Never raises, whatever the text."""
    lines = Lines(text)
    if len(lines) > MOST_LINES:
        return Trimmed(lines.piece(0, len(lines)), ())
    quotes.mark(lines, html or "")
    banners.mark(lines)
    tails.mark(lines)
    if not lines.own():  # then something was mistaken, or nothing was written: a person decides
        return Trimmed(lines.piece(0, len(lines)), ())
    kept, cut = [], []
    for why, start, end in lines.runs():
        piece = lines.piece(start, end)
        if not piece:
            continue
        if why is None:
            kept.append(piece)
        else:
            cut.append(Cut(piece, why))
    return Trimmed("\n\n".join(kept), tuple(cut))
