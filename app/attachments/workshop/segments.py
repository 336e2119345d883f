"""A picture inside a document without what came with it, point for point as it was: a JPEG's and a PNG's notes are parts of their own."""

from __future__ import annotations

from collections.abc import Iterator

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_NOTES = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # APP1 to APP13, APP15, a comment; APP0 and APP14 say how to read the points
_SCAN = 0xDA
_SAID = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})


class Odd(Exception):
    """Not built as it should be: what it says can't be told, or taken out."""


def bare(picture: bytes) -> bytes:
    """Without its notes; of another kind as it is. Odd for one that breaks off."""
    if picture.startswith(_PNG):
        return _PNG + b"".join(piece for name, piece in _chunks(picture) if name not in _SAID)
    if picture.startswith(_JPEG):
        return _JPEG + b"".join(piece for mark, piece in _parts(picture) if mark not in _NOTES)
    return picture


def _parts(picture: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        mark, end = picture[at + 1], at + 2 + int.from_bytes(picture[at + 2 : at + 4])
        if mark == _SCAN:
            yield mark, picture[at:]
            return
        yield mark, picture[at:end]
        at = end
    raise Odd


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 12 <= len(picture):
        end = at + 12 + int.from_bytes(picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at:end]
        at = end
    if at != len(picture):
        raise Odd
