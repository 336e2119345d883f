"""Kinds of file that are taken from outside. A file's ending, its first bytes (by an own rule and by puremagic) and its whole build
must say the same kind, and it may not be readable as another kind besides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import Invalid
from app.core.files import builds
from app.core.files.builds import Data

_HEAD = 4096
_END = 66_000  # a ZIP's directory ends in here
# Another format that a program looks for near the front of a file.
_FOREIGN_FRONT = re.compile(rb"<(?:!doctype|html|script|svg|\?php|iframe|body)\b|%PDF-", re.IGNORECASE)
_PROBED = 6  # of puremagic's opinions, the likeliest first


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    media_type: str
    endings: frozenset[str]
    front: re.Pattern[bytes]
    wrong: Callable[[Data], str]  # what is wrong with the build, as a sentence; nothing if it is right
    most: int = 10_000_000  # bytes
    has_mark: bool = True  # its first bytes say what it is
    is_zip: bool = False


PDF = Kind("PDF", "application/pdf", frozenset({"pdf"}), re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n\s%]"), builds.wrong_pdf)
JPEG = Kind("JPEG", "image/jpeg", frozenset({"jpg", "jpeg"}), re.compile(rb"\xff\xd8\xff[\xc0-\xfe]"), builds.wrong_jpeg)
PNG = Kind("PNG", "image/png", frozenset({"png"}), re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), builds.wrong_png)


class Gate:
    """Which kinds are taken somewhere."""

    def __init__(self, named: str, *kinds: Kind) -> None:
        self.named = named  # the kinds, in words
        self._by_ending = {ending: kind for kind in kinds for ending in kind.endings}
        self.accept = ",".join(f".{ending}" for ending in self._by_ending)  # for a file control

    def judged(self, name: str, data: Data) -> Kind:
        """The kind of a file of this name; Invalid, with a sentence for the field `file`, if it is none that is taken."""
        kind = self._by_ending.get(name.rpartition(".")[2].lower()) if "." in name else None
        if kind is None:
            raise Invalid(file=f"This file is of a kind that is not taken here. Send a {self.named} file.")
        if not data:
            raise Invalid(file="This file is empty.")
        if len(data) > kind.most:
            raise Invalid(file=f"This {kind.name} is larger than {kind.most // 1_000_000} MB. Send a smaller one.")
        if not kind.front.match(data) or not _second_opinion(kind, data[:_HEAD]):
            raise Invalid(file=f"This is not a {kind.name}, although its name says so. Save it as a {kind.name} and send that.")
        if wrong := kind.wrong(data):
            raise Invalid(file=wrong)
        if _FOREIGN_FRONT.search(data, int(kind.has_mark), 1024) or (not kind.is_zip and _is_archive_too(data[-_END:])):
            raise Invalid(file=f"This {kind.name} can be read as another kind of file as well. Save it anew and send that.")
        return kind


EVIDENCE = Gate("PDF, JPEG or PNG", PDF, JPEG, PNG)


def _second_opinion(kind: Kind, head: bytes) -> bool:
    if not kind.has_mark:
        return True
    import puremagic  # late: reads a table of 400 kB, and most processes never need it

    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return False
    return bool(found) and any(match.extension.lstrip(".") in kind.endings for match in (found if kind.is_zip else found[:_PROBED]))


def _is_archive_too(end: bytes) -> bool:
    """Whether a ZIP's directory ends here: its last record says how long the comment behind it is."""
    at = end.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(end) - at >= 22 and int.from_bytes(end[at + 20 : at + 22], "little") <= len(end) - at - 22:
            return True
        at = end.rfind(b"PK\x05\x06", 0, at)
    return False
