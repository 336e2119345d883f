"""Whether a GIF or a WebP is built as its kind says, and how many points it makes. Nothing is decoded."""

from __future__ import annotations

from app.core.files.builds import MOST_PIXELS, Data

_BROKEN = "This {} is damaged or cut short. Save it anew and send that."
_TOO_LARGE = "This picture has too many points, or none. Send a smaller one."
_MOST_BLOCKS, _MOST_PIECES = 20_000, 500_000


def _fits(width: int, height: int) -> bool:
    return 0 < width * height <= MOST_PIXELS


# WebP -----------------------------------------------------------------------------------------------------------------------


def wrong_webp(data: Data) -> str:
    if int.from_bytes(data[4:8], "little") + 8 not in (len(data), len(data) - 1):
        return _BROKEN.format("WebP")
    at, sizes = 12, []
    for _ in range(_MOST_BLOCKS):
        if at >= len(data):
            break
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            return _BROKEN.format("WebP")
        if name in _SIZES:
            sizes.append(_SIZES[name](data[at + 8 : at + 24]))
        at += 8 + length + length % 2
    if not sizes or at < len(data):
        return _BROKEN.format("WebP")
    return "" if all(_fits(*size) for size in sizes) else _TOO_LARGE


def _little(data: bytes, first: int, length: int) -> int:
    return int.from_bytes(data[first : first + length], "little")


_SIZES = {
    b"VP8X": lambda head: (_little(head, 4, 3) + 1, _little(head, 7, 3) + 1),
    b"VP8 ": lambda head: (_little(head, 6, 2) & 0x3FFF, _little(head, 8, 2) & 0x3FFF),
    b"VP8L": lambda head: ((_little(head, 1, 4) & 0x3FFF) + 1, ((_little(head, 1, 4) >> 14) & 0x3FFF) + 1),
    b"ANMF": lambda head: (_little(head, 6, 3) + 1, _little(head, 9, 3) + 1),
}


# GIF ------------------------------------------------------------------------------------------------------------------------

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B


def wrong_gif(data: Data) -> str:
    sizes = [(_little(data[6:8], 0, 2), _little(data[8:10], 0, 2))]
    at = 13 + _colours(data[10:11])
    for _ in range(_MOST_BLOCKS):
        mark = data[at : at + 1]
        if mark == bytes([_TRAILER]) and len(sizes) > 1:
            if data[at + 1 :].strip(b"\0"):
                return "Something else follows the end of this GIF. Save it anew and send that."
            return "" if all(_fits(*size) for size in sizes) else _TOO_LARGE
        if mark == bytes([_IMAGE]):
            sizes.append((_little(data[at + 5 : at + 7], 0, 2), _little(data[at + 7 : at + 9], 0, 2)))
            at = _behind(data, at + 11 + _colours(data[at + 9 : at + 10]))
        elif mark == bytes([_EXTENSION]):
            at = _behind(data, at + 2)
        else:
            break
    return _BROKEN.format("GIF")


def _colours(packed: bytes) -> int:
    """The bytes of a table of colours, if the flags say that there is one."""
    return 3 * 2 ** ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


def _behind(data: Data, at: int) -> int:
    """Where a chain of pieces, each with its length before it, ends."""
    for _ in range(_MOST_PIECES):
        if at >= len(data) or not (length := data[at]):
            return at + 1
        at += length + 1
    return len(data)  # none that a program wrote
