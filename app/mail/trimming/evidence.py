"""What a message's HTML part says about its text part: which lines are quoted."""

from __future__ import annotations

from collections.abc import Iterable

from app.mail.trimming.from_html import to_text

MOST_CHARACTERS = 60_000  # of either side; larger, and the text must speak for itself
MOST_ASKED = 2_000


class Evidence:
    """True where the HTML holds a quote at all."""

    def __init__(self, html: str) -> None:
        self.asked = 0
        self.html = html
        self._sides: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return bool(self.html) and bool(self._read()[0])

    def quotes(self, lines: Iterable[str]) -> bool:
        """Do the lines stand in the HTML's quotes, and nowhere outside them?"""
        inside, outside = self._read()
        words = " ".join(" ".join(lines).split())
        self.asked += 1
        return bool(words) and self.asked <= MOST_ASKED and words in inside and words not in outside

    def _read(self) -> tuple[str, str]:
        if self._sides is None:
            sides: tuple[list[str], list[str]] = ([], [])
            for line in to_text(self.html).split("\n") if self.html else ():
                sides[0 if line.startswith(">") else 1].extend(line.lstrip("> ").split())
            inside, outside = (" ".join(words) for words in sides)
            self._sides = ("", "") if max(len(inside), len(outside)) > MOST_CHARACTERS else (inside, outside)
        return self._sides
