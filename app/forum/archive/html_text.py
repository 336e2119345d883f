"""The text of a message that was sent as HTML alone."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

MOST = 400_000
_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "hr", "blockquote"}
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "blockquote"}
_HIDDEN = {"script", "style", "head", "title"}
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SPACES = re.compile(r"[ \t\r\n\f]+")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._hidden = self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        self._break(tag)
        if tag == "blockquote":
            self._quoted += 1
        elif tag == "li":
            self.lines[-1] = "- "

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        if tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden and (words := _SPACES.sub(" ", data)):
            line = self.lines[-1] or "> " * min(self._quoted, 5)
            self.lines[-1] = line + (words.lstrip() if not line.strip("> ") else words)

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.lines += ["", ""] if tag in _APART else [""]


def text_of(markup: str) -> str:
    """Words with line breaks where the page would have them, quotes with >. Never raises."""
    parser = _Text()
    try:
        parser.feed(markup[:MOST])
        parser.close()
    except (AssertionError, ValueError):  # what the parser says of broken declarations
        return html.unescape(_TAG.sub(" ", markup[:MOST]))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in parser.lines)).strip()
