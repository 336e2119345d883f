"""What mail shows of a message: its text wrapped for reading, its HTML with links that lead over the leaving page, cut where it is long."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from app.core import markup
from app.membership.models import MemberClass

OPENING_LIMIT = 1500  # characters of an opening message that are mailed whole; a longer one is cut
REPLY_LIMIT = 600
WIDTH = 72


@dataclass(frozen=True, slots=True)
class Words:
    """A message's text as mail shows it. `cut`: it goes on on the site."""

    by: str
    text: str
    html: Markup
    cut: bool


NOTHING = Words("", "", Markup(""), False)


def by_line(row: Row[Any], name: str) -> str:
    """Who wrote it, by the author's rank, class and agency of that moment. Who had retired is said to be (V12)."""
    who = f"{row.author_rank} {name}".strip() + (" (Retired)" if row.author_class == MemberClass.RETIRED else "")
    return f"{who}, {row.author_agency}" if row.author_agency else who


def wrapped(text: str, indent: str = "") -> str:
    """Lines of at most WIDTH; a line of a table stays whole."""
    lines = []
    for line in text.splitlines():
        if len(line) + len(indent) <= WIDTH or " | " in line:
            lines.append((indent + line).rstrip())
        else:
            filled = textwrap.fill(
                line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
            )
            lines.append(filled)
    return "\n".join(lines)


def words_of(row: Row[Any], leaving: str, limit: int | None = None) -> Words:
    """A row with body, position, name, and the author's rank, class and agency. `leaving`: what links to elsewhere go over."""
    limit = limit or (REPLY_LIMIT if row.position else OPENING_LIMIT)
    rendered = markup.render(row.body, leaving=leaving)
    by = by_line(row, row.name)
    if len(rendered.plain) <= limit:
        return Words(by, wrapped(rendered.plain, "  "), Markup(rendered.html), False)  # noqa: S704  # sanitised by core.markup
    text = markup.excerpt(rendered.plain, limit)
    return Words(by, wrapped(text, "  "), Markup("<p>{}</p>").format(text), True)
