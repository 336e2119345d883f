"""A message's Markdown as safe HTML and as plain text. Rendered when it is written, and stored with `RENDER_VERSION`.

A message that is too long, too deep or too dense to be Markdown is shown as written, in one preformatted block:
nothing is lost and no input costs more than a second or two. `limits.py` holds the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

# Raise it with every change that gives other HTML or other plain text for the same message.
RENDER_VERSION: int = 1
LEAVING = "/leaving?to="


@dataclass(frozen=True, slots=True)
class Rendered:
    """`html` is sanitised and may go into a page as it is. `plain` is text: whoever puts it into HTML escapes it. `linked`: which of the
    mentions stand in it."""

    html: str
    plain: str
    linked: frozenset[str] = frozenset()


NO_LINKS: Mapping[str, str] = {}


def render(text: str, leaving: str = LEAVING, mentions: Mapping[str, str] = NO_LINKS) -> Rendered:
    """Never raises, whatever the text. `leaving` comes before the percent-encoded target of each http(s) link. `mentions`: what becomes a
    link where it stands in the author's own words ("@Ellen Marchetti"), and to which path of ours (/members/12, /agencies/3)."""
    pipeline = _pipeline()
    tokens = pipeline.parse(text)
    tokens, linked = pipeline.with_mentions(tokens, mentions)
    return Rendered(html=pipeline.to_html(tokens, leaving), plain=pipeline.to_plain(tokens), linked=linked)


def excerpt(plain: str, limit: int) -> str:
    """At most `limit` characters on one line, cut after a whole word with "…" (inside it, if the first is too long)."""
    line = " ".join(plain.split())
    if len(line) <= limit:
        return line
    if limit < 1:
        return ""
    head = line[:limit]  # one more than there is room for: a word that ends exactly here stays whole
    words = head[: head.rfind(" ")] if " " in head else head[:-1]
    return words.rstrip(" ,;:.-") + "…"


@cache
def _pipeline() -> ModuleType:
    # Imported at the first message, not at start-up: the parser and its tables take a good part of the start-up budget.
    from app.core.markup import pipeline

    return pipeline
