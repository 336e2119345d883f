"""A text as lines, and for each line that is cut, why. A line is cut whole or stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

_WORDS = re.compile(r"[^\s=*~>|#_-]")


class Why(StrEnum):
    """Why a piece was cut, as its author and the moderators read it."""

    QUOTE = "quoted text"
    SIGNATURE = "signature"
    DEVICE = "device line"
    DISCLAIMER = "disclaimer"
    BANNER = "warning of a mail gateway"
    LIST = "mailing list footer"


def has_words(line: str) -> bool:
    """Not blank, and not only a rule such as "____"."""
    return _WORDS.search(line) is not None


class Lines:
    def __init__(self, text: str) -> None:
        self.texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.why: list[Why | None] = [None] * len(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def cut(self, start: int, end: int, why: Why) -> None:
        """The lines from start to before end; what was cut before keeps its reason."""
        self.why[start:end] = [was or why for was in self.why[start:end]]

    def next_words(self, at: int) -> int:
        """The first line from `at` on that is not blank; the length where there is none."""
        while at < len(self.texts) and not self.texts[at].strip():
            at += 1
        return at

    def own(self) -> bool:
        """Has anything with words stayed?"""
        return any(why is None and has_words(text) for text, why in zip(self.texts, self.why, strict=True))

    def runs(self) -> Iterator[tuple[Why | None, int, int]]:
        """Neighbours of one reason. Blank lines go with what stands above them."""
        start, why = 0, self.why[0]
        for at, (text, own) in enumerate(zip(self.texts, self.why, strict=True)):
            if own is not why and text.strip():
                if at > start:
                    yield why, start, at
                start, why = at, own
        yield why, start, len(self.texts)

    def piece(self, start: int, end: int) -> str:
        """The lines as a text, without blank lines around it."""
        while start < end and not self.texts[start].strip():
            start += 1
        while end > start and not self.texts[end - 1].strip():
            end -= 1
        return "\n".join(self.texts[start:end])
