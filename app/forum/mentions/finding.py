"""What may be a name in a text: after an @, one to six words, and perhaps in brackets which of several it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.matching import words

MOST = 20  # in one message; more are left as they are
MOST_WORDS = 6
_AT = re.compile(r"(?<![\w@])@(?=\w)")
_WORD = re.compile(r"[^\s@()\[\]<>|*`]+")
_TAIL = re.compile(r"(?:['’]s)?[.,;:!?'’\"”…_-]*$")
_BRACKETS = re.compile(r" \(([^()\n]{1,100})\)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """`label`: as it stands, with its @. `key`: the name folded, as members have it. `which`: what stands in brackets behind it."""

    label: str
    name: str
    key: str
    which: str = ""


def candidates(text: str) -> list[list[Candidate]]:
    """For each place with an @ what may be meant there, the longest first."""
    found: list[list[Candidate]] = []
    seen: set[str] = set()
    for at in _AT.finditer(text):
        there = _at(text, at.end())
        if there and there[0].label not in seen:
            seen.add(there[0].label)
            found.append(there)
        if len(found) == MOST:
            break
    return found


def _at(text: str, start: int) -> list[Candidate]:
    found: list[Candidate] = []
    end = start
    for _ in range(MOST_WORDS):
        word = _WORD.match(text, end)
        if word is None:
            break
        whole = text[start : word.end()]
        name = whole[: _TAIL.search(whole).start()]  # type: ignore[union-attr]  # it finds the end, if nothing else
        if key := " ".join(words(name)):
            if name == whole and (brackets := _BRACKETS.match(text, word.end())):
                found.append(Candidate(f"@{name}{brackets[0]}", name, key, brackets[1]))
            found.append(Candidate(f"@{name}", name, key))
        if text[word.end() : word.end() + 1] != " " or whole[-1] in ",;:!?":  # "St. Louis PD" and "J. Doe" go on after a dot
            break
        end = word.end() + 1
    return found[::-1] if not any(c.which for c in found) else sorted(found, key=lambda c: -len(c.label))


MOST_QUOTES = 5
_QUOTE = re.compile(r"^> ?\*\*.{1,200}\*\* wrote in \[?#(\d{1,9})\b.*$", re.MULTILINE)
_QUOTED_LINE = re.compile(r"\n> ?(.*)")


def quotes(text: str) -> dict[int, str]:
    """Which messages a text quotes, by position, and of each the first line that is quoted."""
    found: dict[int, str] = {}
    for heading in _QUOTE.finditer(text):
        at = heading.end()
        while (line := _QUOTED_LINE.match(text, at)) is not None:
            at = line.end()
            if said := " ".join(line[1].split()):
                found.setdefault(int(heading[1]), said)
                break
        if len(found) == MOST_QUOTES:
            break
    return found
