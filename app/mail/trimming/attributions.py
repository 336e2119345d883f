"""The line above a quote: "On Monday, Jo <jo@city.example> wrote:". A client may wrap it over several lines.

The library knows thirteen languages; the shapes of the table below are those that it misses or that it takes too much time for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailparser_reply.constants import MAIL_LANGUAGES  # type: ignore[import-untyped]

MOST_LINES = 4  # that one attribution is wrapped over
MOST_CHARACTERS = 300
MOST_TRIED = 2_000  # lines of a message; none has so many quotes
MOST_ASKED = 20  # of them by the library, whose patterns take the square of a line's length

# How it begins, the verb, and what may follow that. Between the first two stands a date, so a digit, or an address.
_NOTHING, _NAME = r"\s?", r".{0,120}"
_VERBS = (
    (r"On|Mon|Tue|Wed|Thu|Fri|Sat|Sun|\d", r"wrote|writes", _NOTHING),
    (r"Am|Den|Um", r"schrieb|schreibt|geschrieben", _NAME),
    (r"Le", r"a [ée]crit", _NOTHING),
    (r"El|En", r"escribi[óo]", _NOTHING),
    (r"Em|No dia|A", r"escreveu", _NOTHING),
    (r"Il|In data", r"ha scritto", _NOTHING),
    (r"Op", r"schreef|geschreven", _NAME),
    (r"Den|På", r"skrev", _NAME),
    (r"W dniu|Dnia", r"napisał(?:a|\(a\))?|pisze", _NOTHING),
    (r"\d|Пн|Вт|Ср|Чт|Пт|Сб|Вс", r"(?:на)?писал[аи]?|пишет|пише", _NOTHING),
)
_SAYS = tuple(
    re.compile(rf"^(?:-{{2,6}}\s?)?(?:{opening})(?=\D{{0,60}}\d|[^@]{{0,160}}@|\d).{{3,280}}?(?:{verb}){rest}[:：]$")
    for opening, verb, rest in _VERBS
)
# No verb: a date and an address, or a name and an address before the verb.
_ADDRESS = r"[\w.+'=-]{1,64}@[\w.-]{1,100}"
_NAMED = (
    re.compile(rf"^(?:\w{{2,12}}\.?,\s)?\d{{1,4}}[./ -].{{6,200}}{_ADDRESS}[>)\]\"'\s]{{0,4}}:$"),
    re.compile(
        rf"^(?:[\"'\w][\w .,'\"-]{{0,60}})?[<(\[\s]{{0,3}}{_ADDRESS}[>)\]]?(?:\s\([\w .'-]{{1,60}}\))?\s(?:wrote|writes|schrieb|a écrit):$"
    ),
)
_LIBRARY = tuple(
    re.compile(table["wrote_header"], re.IGNORECASE) for _, table in sorted(MAIL_LANGUAGES.items()) if table.get("wrote_header")
)
_ENDS = (":", "：")
_LOTUS = " \t-"  # which writes a rule before and after, in the same line
_FAR = re.compile(r"[\w.+'=-]@[\w-]")


def has_address(text: str) -> bool:
    """Mail programs name the writer's address where they quote without marks; people who tell what somebody wrote do not."""
    return _FAR.search(text) is not None


class Attributions:
    """Those of one message. Remembers how much was asked, so that no message takes long."""

    def __init__(self) -> None:
        self.tried = self.asked = 0

    def begins(self, texts: list[str], end: int) -> int | None:
        """Where the attribution begins whose last line is `end`; None where none ends there."""
        if not texts[end].rstrip(_LOTUS).endswith(_ENDS) or self.tried >= MOST_TRIED:
            return None
        self.tried += 1
        candidates = list(_candidates(texts, end))
        for start, text in candidates:
            if any(says.match(text) for says in _SAYS):
                return start
        if candidates and any(named.match(candidates[0][1]) for named in _NAMED):
            return end
        return next((start for start, text in candidates if self._library(text)), None)

    def _library(self, text: str) -> bool:
        if self.asked >= MOST_ASKED or not any(c.isdigit() for c in text):
            return False
        self.asked += 1
        return any(pattern.match(text) for pattern in _LIBRARY)


def _candidates(texts: list[str], end: int) -> Iterator[tuple[int, str]]:
    """The last line, then it with the one above, and so on to a blank line."""
    text = ""
    for start in range(end, max(end - MOST_LINES, -1), -1):
        line = texts[start].strip(_LOTUS)
        if not line or len(text) + len(line) >= MOST_CHARACTERS:
            return
        text = f"{line} {text}" if text else line
        yield start, text
