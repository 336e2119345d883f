"""Names that become links where they stand in an author's own words: not in code, not inside a link, not in what they quote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it.token import Token


def with_mentions(tokens: Sequence[Token], mentions: Mapping[str, str]) -> tuple[list[Token], frozenset[str]]:
    """The tokens with a link for each of these names ("@Ellen Marchetti" to its path), and which of them stand there."""
    if not mentions:
        return list(tokens), frozenset()
    longest_first = "|".join(re.escape(name) for name in sorted(mentions, key=len, reverse=True))
    pattern, found = re.compile(rf"(?<![\w@])(?:{longest_first})(?!\w)"), set[str]()
    depth = 0
    for token in tokens:
        depth += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "inline" and token.children and not depth:
            token.children = list(_linked(token.children, pattern, mentions, found))
    return list(tokens), frozenset(found)


def _linked(children: Sequence[Token], pattern: re.Pattern[str], mentions: Mapping[str, str], found: set[str]) -> Iterator[Token]:
    in_link = False
    for token in children:
        if token.type in ("link_open", "link_close"):
            in_link = token.nesting == 1
        if token.type != "text" or in_link or "@" not in token.content:
            yield token
            continue
        at = 0
        for match in pattern.finditer(token.content):
            yield Token("text", "", 0, content=token.content[at : match.start()])
            yield Token("link_open", "a", 1, attrs={"href": mentions[match[0]], "class": "mention"}, info="auto")
            yield Token("text", "", 0, content=match[0])
            yield Token("link_close", "a", -1)
            found.add(match[0])
            at = match.end()
        yield Token("text", "", 0, content=token.content[at:])
