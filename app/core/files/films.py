"""Whether an MP4 is built as one, box by box; and which of its boxes tell where and with what it was filmed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.core.files.builds import Data

_BROKEN = "This MP4 is damaged or cut short. Save it anew and send that."
_TOP = frozenset(b"ftyp moov mdat free skip wide uuid meta moof mfra sidx ssix styp pdin emsg prft udta".split())
_BRANDS = frozenset(b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 M4V  M4VH M4VP dash mmp4 MSNV".split(b" "))
_TELLING = frozenset((b"udta", b"meta", b"uuid"))
_MOST_BOXES = 20_000


class Box(NamedTuple):
    name: bytes
    at: int
    head: int  # bytes of its head
    size: int  # in all


def _boxes(data: Data, at: int, end: int) -> Iterator[Box]:
    """The boxes between two places; ValueError where one does not fit."""
    for _ in range(_MOST_BOXES):
        if at == end:
            return
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or end - at
        if size < head or at + size > end:
            raise ValueError
        yield Box(name, at, head, size)
        at += size
    raise ValueError


def wrong_mp4(data: Data) -> str:
    try:
        boxes = list(_boxes(data, 0, len(data)))
    except ValueError:
        return _BROKEN
    names = {box.name for box in boxes}
    if boxes[0].name != b"ftyp" or not names >= {b"moov", b"mdat"} or not names <= _TOP:
        return _BROKEN
    brands = data[8 : min(boxes[0].size, 200)]
    if not _BRANDS & {brands[i : i + 4].strip() for i in range(0, len(brands), 4)}:
        return "This film is of a kind that browsers don't play. Save it as an MP4 and send that."
    return ""


def telling(data: Data) -> list[Box]:
    """The boxes of an MP4 that hold where, when and with what it was filmed: a player needs none of them."""
    try:
        return list(_telling(data, 0, len(data)))
    except ValueError:
        return []


def _telling(data: Data, start: int, end: int) -> Iterator[Box]:
    for box in _boxes(data, start, end):
        if box.name in _TELLING:
            yield box
        elif box.name in (b"moov", b"trak"):
            yield from _telling(data, box.at + box.head, box.at + box.size)
