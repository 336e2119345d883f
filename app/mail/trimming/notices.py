"""What an agency or a mailing list adds under a text: notices of confidentiality, of public records, of viruses.

Police write about what is confidential, and about public records. So a word alone makes no disclaimer: it takes a notice's title
or opening together with what only a notice says, or three sayings that only notices have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.mail.trimming.lines import has_words
from app.mail.trimming.notice_words import OPENING, SAYING, SELF, TITLE, TOPIC, WHOLE

MOST_CHARACTERS = 8_000  # of one notice
MOST_SAYINGS = 50
MOST_OPENINGS = 5  # that one paragraph is tried at

_LIST_RULE = re.compile(r"^\s{0,4}[_=-]{10,200}\s*$")
_LIST = re.compile(r"mailing list|listinfo|unsubscribe|list archives?|groups\.(?:google|io)|listserv", re.IGNORECASE)
_LIST_LINES = 10


def disclaimer(window: list[str]) -> int | None:
    """Where the notices begin that end the text. One that the author leads to with a colon is an example that they show."""
    start = None
    for first, end in _paragraphs(window):
        found = _begins(window, first, end)
        if found is None:
            break
        start = found
        if found > first:
            break
    if start is None:
        return None
    above = next((line for line in reversed(window[:start]) if has_words(line)), "")
    return None if above.rstrip().endswith(":") else start


def _paragraphs(window: list[str]) -> Iterator[tuple[int, int]]:
    """From the last up."""
    end = len(window)
    while end:
        start = end
        while start and window[start - 1].strip():
            start -= 1
        if start < end:
            yield start, end
        end = start
        while end and not window[end - 1].strip():
            end -= 1


def _begins(window: list[str], first: int, end: int) -> int | None:
    """The line of the paragraph with which its notice begins."""
    if not has_words("".join(window[first:end])):
        return first
    may = [at for at in range(first, end) if at == first or TITLE.match(window[at]) or OPENING.match(window[at])]
    for at in may[:MOST_OPENINGS]:
        if _is_notice(" ".join(line.strip() for line in window[at:end])[:MOST_CHARACTERS], whole=at == first):
            return at
    return None


def _is_notice(text: str, whole: bool) -> bool:
    """`whole`: the text is a paragraph, not the rest of one."""
    if WHOLE.match(text):
        return True
    title, opening = TITLE.match(text), OPENING.match(text)
    if not (title or opening or whole):
        return False
    sayings = len({found.lastindex for found, _ in zip(SAYING.finditer(text), range(MOST_SAYINGS), strict=False)})
    if title or opening:
        said = sayings > 0 or (title is not None and TOPIC.search(text, title.end()) is not None)
        return sayings > 1 or (said and SELF.search(text) is not None)
    return sayings > 2


def list_footer(window: list[str]) -> int | None:
    """A long rule, and under it a few lines that name the mailing list."""
    for at in range(len(window) - 1, max(-1, len(window) - 1 - _LIST_LINES), -1):
        if _LIST_RULE.match(window[at]):
            return at if any(_LIST.search(line[:500]) for line in window[at + 1 :]) else None
    return None
