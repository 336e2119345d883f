"""A message's own words as a message of the forum: trimmed, and in Markdown that shows them as they were written."""

from __future__ import annotations

from dataclasses import dataclass

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
    trimmed = trim(words.text, words.html)
    if not trimmed.kept.strip():
        raise NotTaken(Why.EMPTY)
    return Own(trimmed.kept.strip(), [[piece.text, str(piece.why)] for piece in trimmed.cut])
