"""The text of a PDF and of Office's files, for the search. What can't be read has none: the document is handed out all the same."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from app.attachments.workshop import ORIGINAL, TEXT

MOST_CHARACTERS, MOST_PAGES, MOST_PART = 2_000_000, 3_000, 60_000_000
SECONDS = 25.0
_PARTS = re.compile(
    r"^(?:word/(?:document|header\d*|footer\d*|footnotes|endnotes)|xl/(?:sharedStrings|worksheets/sheet\d+)|ppt/(?:slides|notesSlides)/\w+)\.xml$"
)
_TEXT = frozenset(("w:t", "a:t", "t"))
_BREAK = frozenset(("w:p", "a:p", "si", "is", "w:tab", "w:br", "a:br"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _kept(pieces: Iterator[str], folder: Path) -> dict[str, Any]:
    """Written as far as it goes within the limits."""
    until, left, kept = time.monotonic() + SECONDS, MOST_CHARACTERS, []
    try:
        for piece in pieces:
            kept.append(_CONTROLS.sub("", piece)[:left])
            left -= len(kept[-1])
            if left <= 0 or time.monotonic() > until:
                break
    finally:
        (folder / TEXT).write_text("\n".join(kept), "utf-8")
    return {}


def pdf(folder: Path) -> dict[str, Any]:
    import pypdf  # late: the other jobs don't need it

    def pages() -> Iterator[str]:
        reader = pypdf.PdfReader(folder / ORIGINAL)
        for number, page in enumerate(reader.pages):
            if number >= MOST_PAGES:
                return
            yield page.extract_text()

    return _kept(pages(), folder)


def office(folder: Path) -> dict[str, Any]:
    def parts() -> Iterator[str]:
        with zipfile.ZipFile(folder / ORIGINAL) as archive:
            for entry in sorted(archive.infolist(), key=lambda one: one.filename):
                if _PARTS.match(entry.filename) and entry.file_size <= MOST_PART:
                    yield _text_of(archive, entry)

    return _kept(parts(), folder)


class _Forbidden(Exception):
    """A part that defines entities, which none of these files needs (H11)."""


def _text_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    found: list[str] = []
    inside = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal inside
        inside += name in _TEXT

    def end(name: str) -> None:
        nonlocal inside
        inside -= name in _TEXT
        if name in _BREAK:
            found.append("\n")

    def characters(text: str) -> None:
        if inside:
            found.append(text)

    def refuse(*_: object) -> None:
        raise _Forbidden

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.StartDoctypeDeclHandler = refuse
    with archive.open(entry) as part:
        parser.ParseFile(part)
    return "".join(found)
