"""Plain text of mail as Markdown that shows it as it was written: quotes stay quotes, nothing else becomes markup by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from app.core.markup import limits

MOST_CHARACTERS = 100_000  # as of any message
DEEPEST = 12
NARROW = 50  # lines of a text that is no wider were broken on purpose
_CUT = "\n\n[The rest of this message, {left:,} characters, was not taken from the archive.]"
_QUOTE = re.compile(r"(?:[ \t]{0,2}>)+ ?")
_URL = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]{0,200}\.[A-Za-z]{2,20}(?::\d{1,5})?(?:[/?#][\w/.?=&%#@+,;:!$'~-]*)?")
_SPECIAL = re.compile(r"[\\`*\[\]~|<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,40};)|!(?=\[)")
_RULER = re.compile(r"[-=:|\s]+")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_ITEM = re.compile(r"[-+*•] |\d{1,3}[.)] |[-_=*]{2,}")  # begins a line of its own, whatever room there was before it
_MARK = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>")

Line = tuple[int, str]
"""How deep it is quoted, and its words."""


def markdown(text: str) -> str:
    """At most MOST_CHARACTERS and a note. A text too long to be read as Markdown is shown as written, and so left as it is."""
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS] + _CUT.format(left=len(text) - MOST_CHARACTERS)
    made = "\n".join(_marked(list(_lines(text)))).strip("\n")
    return text if limits.too_long(made) else made


def _lines(text: str) -> Iterator[Line]:
    for line in text.expandtabs(8).split("\n"):
        quote = _QUOTE.match(line)
        depth = 0 if quote is None else quote[0].count(">")
        yield min(depth, DEEPEST), (line[quote.end() :] if quote else line).strip()


def _marked(lines: list[Line]) -> Iterator[str]:
    """Blank lines of a quote are part of it where it goes on. Where it ends or gets shallower, a blank line says so."""
    before = 0
    for depth, group in groupby(lines, key=lambda line: line[0]):
        words = [said for _depth, said in group]
        if depth < before and words[0]:
            yield ("> " * depth).rstrip()
        for said in _paragraphs(words):
            yield "> " * depth + said if said else ("> " * depth).rstrip()
        before = depth


def _paragraphs(words: list[str]) -> Iterator[str]:
    blank = False
    for is_blank, group in groupby(words, key=lambda said: not said):
        if is_blank:
            blank = True
            continue
        if blank:
            yield ""
        yield from _broken(list(group))
        blank = False
    if blank:
        yield ""


def _broken(lines: list[str]) -> Iterator[str]:
    """A line break that the writer meant is kept. One where the next word had no room left is not: the line goes on."""
    width = max(len(line) for line in lines)
    whole = lines[0]
    for line, following in pairwise(lines):
        has_room = width < NARROW or len(line) + 1 + len(following.partition(" ")[0]) <= width
        if has_room or _RULER.fullmatch(line) or _ITEM.match(following):
            yield escaped(whole) + "  "
            whole = following
        else:
            whole += " " + following
    yield escaped(whole)


def escaped(line: str) -> str:
    """One line without its indentation, so that Markdown shows what it says."""
    if _RULER.fullmatch(line):
        return "\\" + line.replace("|", "\\|") if not line.startswith("|") else line.replace("|", "\\|")
    parts, at = [], 0
    if number := _NUMBER.match(line):
        parts, at = [f"{number[1]}\\{number[2]}"], number.end()
    elif _MARK.match(line):
        parts, at = ["\\" + line[0]], 1
    for url in _URL.finditer(line, at):
        parts += [_SPECIAL.sub(r"\\\g<0>", line[at : url.start()]), url[0]]
        at = url.end()
    return "".join([*parts, _SPECIAL.sub(r"\\\g<0>", line[at:])])
