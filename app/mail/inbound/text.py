"""A message's own words as a message of the forum: trimmed, and in Markdown that shows them as they were written."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.fields import without_controls
from app.mail.inbound.parsing import Parsed
from app.mail.inbound.refusals import NotTaken, Why
from app.mail.trimming.trim import trim
from app.mail.trimming.words import read


@dataclass(frozen=True, slots=True)
class Own:
    """`cut`: each piece that was trimmed, with why, in order."""

    body: str
    cut: list[list[str]]


def own_words(message: Parsed) -> Own:
    words = read(message)
    trimmed = trim(without_controls(words.text), without_controls(words.html) if words.html else None)
    body = trimmed.kept.strip()
    if not body:
        raise NotTaken(Why.EMPTY)
    return Own(body, [[piece.text, str(piece.why)] for piece in trimmed.cut])
