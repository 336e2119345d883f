"""CommonMark's own examples, from its specification 0.31.2 (commonmark/, with its licence): each that has no HTML of its author's in it
must come out as it says, but for what we do otherwise on purpose, and that is put into the example first or named beside it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from app.core.markup import LEAVING, render

SPECIFICATION = Path(__file__).parent / "commonmark" / "spec.txt"
_EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
_OWN_HTML = re.compile(r"<(?!/?(?:p|h[1-6]|hr|br|ul|ol|li|em|strong|code|pre|blockquote|a|img)\b)[a-z!?/]", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<[!?]")
_WHERE = re.compile(r"(?<![\w.:/])/(?=(?:ur[li]|my_?uri|f&ouml;&ouml;|f%C3|bar|path)\w*)")
HOST = "https://e.example"


class Example(NamedTuple):
    number: int
    markdown: str
    html: str

    @property
    def holds(self) -> bool:
        """As it stands, or with a host for its addresses: a message leads to nothing that has none."""
        hosted = _WHERE.sub(f"{HOST}/", self.markdown), re.sub(r'(href|src)="/', rf'\1="{HOST}/', self.html)
        return any(shape(render(md).html, ours=True) == shape(wanted, ours=False) for md, wanted in ((self.markdown, self.html), hosted))


def examples() -> Iterator[Example]:
    """Those without HTML of the author's."""
    text = SPECIFICATION.read_text("utf-8").replace("→", "\t")
    for number, found in enumerate(_EXAMPLE.finditer(text), 1):
        tag = _TAG.search(found[1])
        if not (_OWN_HTML.search(found[2]) or (tag and tag[0] in found[2])):
            yield Example(number, found[1], found[2])


class _Shape(HTMLParser):
    """What a reader gets: elements, where links lead, words."""

    def __init__(self, text: str, *, ours: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._ours = ours
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "img":  # a picture from elsewhere would tell its server who reads: it is a link to it
            self.parts += [f"<a {unquote(have['src'])}>", have.get("alt", ""), "</a>"]
        elif tag == "a":
            self.parts.append(f"<a {unquote(unquote(have.get('href', '').removeprefix(LEAVING)))}>")
        elif tag in ("ol", "li"):
            self.parts.append(f"<{tag} {have.get('start', '')}>")
        else:
            self.parts.append(f"<{self._level(tag)}>")

    def _level(self, tag: str) -> str:
        """Headings of a message stand below those of its page."""
        return tag if self._ours or not re.fullmatch(r"h[1-6]", tag) else f"h{min(int(tag[1]) + 3, 6)}"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("br", "hr", "img"):
            return
        self.parts.append(f"</{self._level(tag)}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def shape(text: str, *, ours: bool) -> str:
    whole = "".join(_Shape(text, ours=ours).parts)
    return re.sub(r"\s*(</?(?:p|h\d|hr|br|ul|ol[^>]*|li[^>]*|pre|blockquote)\s?>)\s*", r"\1", re.sub(r"[ \n\t]+", " ", whole)).strip()


NO_HOST = {
    194, 195, 200, 203, 204, 206, 217, 484, 486, 489, 492, 495, 496, 498, 499, 500, 501, 502, 503, 504, 517, 518, 519, 520, 522, 531, 573,
    576, 577, 578, 580, 581, 596, 598, 599, 601,
}  # fmt: skip
"""They lead to an address that is neither of the web nor of mail: here that is no link, and stands as it was written."""
BARE = {602, 608, 611, 612}
"""A bare address is a link here."""


def test_the_examples_come_out_as_the_specification_says(capsys: pytest.CaptureFixture[str]) -> None:
    every = list(examples())
    wrong = {example.number for example in every if not example.holds}
    with capsys.disabled():
        sys.stdout.write(f"\nCommonMark 0.31.2: {len(every) - len(wrong)} of {len(every)} examples; the others differ on purpose\n")
    assert len(every) == 580
    assert wrong == NO_HOST | BARE
