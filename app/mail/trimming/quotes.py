"""Which lines a mail program quoted: marked with ">", or all that follows an attribution or a block of header fields."""

from __future__ import annotations

import re
from bisect import bisect_left

from app.mail.trimming import headers
from app.mail.trimming.attributions import Attributions, has_address
from app.mail.trimming.evidence import Evidence
from app.mail.trimming.lines import Lines, Why, has_words

_MARKED = re.compile(r"^\s{0,3}>")
_GROUPWISE = re.compile(r"^>>> .{0,200}@.{0,200}>>>\s*$|^>>> .{1,200}\d{1,2}[:.]\d{2}.{0,30}>>>:?\s*$")
# Said by those who write into the quote, or who show a mail: whose the words below are can't be told, so all of them stay.
_WITHIN = re.compile(
    r"\b(?:below|in-?line|interspersed|in (?:blue|bold|caps|colou?r|green|purple|red)"
    r"|my (?:answers|comments|notes|replies|responses) (?:are )?in"
    r"|(?:following|phishing|scam|fake|suspicious|this|these) (?:e-?mails?|mails?|messages?))\b",
    re.IGNORECASE,
)


def mark(lines: Lines, html: str = "") -> None:
    """Cut what is quoted. Own words above, between and below stay."""
    _Scan(lines, html).run()


def _marked(line: str) -> bool:
    return _MARKED.match(line) is not None


class _Scan:
    def __init__(self, lines: Lines, html: str) -> None:
        self.lines, self.texts = lines, lines.texts
        self.attributions = Attributions()
        self.evidence = Evidence(html)
        self.own: list[int] = []  # own lines so far, in order
        self.doubt = False  # may own words stand in what is quoted without marks?
        self.marked = [at for at, text in enumerate(self.texts) if _marked(text)]
        self.led_to: dict[int, bool] = {}  # of a marked line: does an attribution without marks lead to it?

    def run(self) -> None:
        at = 0
        while at < len(self.texts):
            line = self.texts[at]
            if not line.strip():
                at += 1
            elif headers.forwarded_line(line):
                return
            else:
                at = self._take(at, line)

    def _take(self, at: int, line: str) -> int:
        """Decide the line at `at`, and return the next one to decide."""
        if _GROUPWISE.match(line):
            return self._unmarked(at, at + 1)
        if _marked(line):
            self.lines.cut(at, at + 1, Why.QUOTE)
            return at + 1
        if (start := self.attributions.begins(self.texts, at)) is not None:
            return self._attributed(start, at + 1)
        if (end := self._header(at)) is not None:
            return self._unmarked(at, end)
        return self._keep(at, at + 1)

    def _keep(self, start: int, end: int) -> int:
        for at in range(start, end):
            if has_words(self.texts[at]):
                self.own.append(at)
                self.doubt = self.doubt or _WITHIN.search(self.texts[at][:1000]) is not None
        return end

    def _header(self, at: int) -> int | None:
        """The end of a header block, with the rule above it and the blank lines between."""
        if not headers.rule(self.texts[at]):
            return headers.ends(self.texts, at)
        first = self.lines.next_words(at + 1)
        end = headers.ends(self.texts, first) if first < min(len(self.texts), at + 4) else None
        return at + 1 if end is None and headers.original_line(self.texts[at]) else end

    def _attributed(self, start: int, end: int) -> int:
        """Its upper lines were taken for own ones before the last was read."""
        while self.own and self.own[-1] >= start:
            self.own.pop()
        following = self.lines.next_words(end)
        if self._marked_at(following):
            self.lines.cut(start, end, Why.QUOTE)
            return following
        if self.evidence and self.evidence.quotes(self.texts[following : following + 1]):
            return self._evident(start, end)
        if not has_address(" ".join(self.texts[start:end])):
            return self._keep(start, end)
        if following == len(self.texts) or self._marked_later(following):
            self.lines.cut(start, end, Why.QUOTE)
            return end
        return self._unmarked(start, end)

    def _evident(self, start: int, end: int) -> int:
        """The HTML part shows what is quoted."""
        self.lines.cut(start, end, Why.QUOTE)
        at = self.lines.next_words(end)
        while at < len(self.texts) and self.evidence.quotes([self.texts[at]]):
            self.lines.cut(at, at + 1, Why.QUOTE)
            at = self.lines.next_words(at + 1)
        return at

    def _marked_at(self, at: int) -> bool:
        return at < len(self.texts) and _marked(self.texts[at])

    def _marked_later(self, at: int) -> bool:
        """Is there a marked quote below, to which no further attribution without marks leads? Then lines without marks are own."""
        index = bisect_left(self.marked, at)
        if index == len(self.marked):
            return False
        first = self.marked[index]
        if first not in self.led_to:
            above = first - 1
            while above > at and not self.texts[above].strip():
                above -= 1
            self.led_to[first] = self.attributions.begins(self.texts, above) is not None
        return not self.led_to[first]

    def _unmarked(self, start: int, end: int) -> int:
        """The rest is quoted without marks, where own words stand above it and none seem to stand in it."""
        following = self.lines.next_words(end)
        if self._marked_at(following):
            self.lines.cut(start, end, Why.QUOTE)
            return following
        if self.doubt or not self.own or self.texts[self.own[-1]].rstrip().endswith(":"):
            self.doubt = True
            return self._keep(start, end)
        self.lines.cut(start, len(self.texts), Why.QUOTE)
        return len(self.texts)
