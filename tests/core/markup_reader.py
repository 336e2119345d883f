"""Reads rendered HTML with a parser that is not the sanitiser's, and names whatever shouldn't be in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Written out again, so that a tag added to the sanitiser's list needs a second thought here.
TAGS = {"a", "p", "br", "hr", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li"}
TAGS |= {"div", "table", "thead", "tbody", "tr", "th", "td"}
VOID = {"br", "hr"}
REL = "noopener noreferrer"
# The whole of an attribute's value. Nothing else may stand there.
ATTRIBUTES = {
    ("a", "href"): r"/leaving\?to=https?%3A%2F%2F[A-Za-z0-9%._~-]+|mailto:[^\s\"'<>]+",
    ("a", "rel"): REL,
    ("ol", "start"): r"[0-9]{1,9}",
    ("pre", "tabindex"): "0",
    ("div", "class"): "scroll",
    ("div", "tabindex"): "0",
    ("div", "role"): "group",
    ("div", "aria-label"): "Table",
    ("th", "scope"): "col",
    ("th", "class"): "right|center",
    ("td", "class"): "right|center",
}


class Reader(HTMLParser):
    """After `close()`: `faults` in the order they came, `links` with their hrefs, `words` as a reader sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"left open: {tag}" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        for name, value in attrs:
            if not re.fullmatch(ATTRIBUTES.get((tag, name), "(?!)"), value or ""):
                self.faults.append(f"attribute {tag} {name}={value}")
        if tag == "a":
            self.links += [value or "" for name, value in attrs if name == "href"]
            if dict(attrs).get("rel") != REL:
                self.faults.append("link without rel")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"stray end of {tag}")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"declaration {data}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")
