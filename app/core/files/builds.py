"""Whether a file is built as its kind says, from the first byte to the last. Nothing is decoded to a picture: that takes memory, and the
decoders are what malformed files are made for. A file is kept as it came, so that its hash stays what the applicant's own copy has."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from mmap import mmap

Data = bytes | mmap  # a whole file: in memory, or as the disk has it
MOST_PIXELS = 50_000_000  # H7
_BROKEN = "This {} is damaged or cut short. Save it anew and send that."
_TOO_LARGE = "This picture has too many points, or none. Send a smaller one."

# PDF ------------------------------------------------------------------------------------------------------------------------

_PROGRAM = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia|XFA)\b")


def wrong_pdf(data: Data) -> str:
    end = data[-1024:]
    if b"%%EOF" not in end or b"startxref" not in data[-4096:] or not re.search(rb"\b\d+ \d+ obj\b", data):
        return _BROKEN.format("PDF")
    if end[end.rfind(b"%%EOF") + 5 :].strip(b"\0\r\n\t \x1a"):
        return "Something else follows the end of this PDF. Save it anew and send that."
    if _PROGRAM.search(data):
        return "This PDF holds a program, a form or other files. Print it to a new PDF and send that."
    return ""


# JPEG -----------------------------------------------------------------------------------------------------------------------

_MARKER = re.compile(rb"\xff+([^\xff\x00])")
_AFTER_SCAN = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]")
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_MOST_SEGMENTS = 10_000


def wrong_jpeg(data: Data) -> str:
    at, pixels = 2, -1
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(data, at)
        if found is None or found[1][0] == _END:
            break
        marker, at = found[1][0], found.end()
        length = 0 if marker in _ALONE else int.from_bytes(data[at : at + 2], "big")
        if marker in _FRAMES:
            pixels = int.from_bytes(data[at + 3 : at + 5], "big") * int.from_bytes(data[at + 5 : at + 7], "big")
        at += length
        if marker == _SCAN:
            following = _AFTER_SCAN.search(data, at)
            at = following.start() if following else len(data)
    else:
        found = None
    if found is None or pixels < 0:
        return _BROKEN.format("JPEG")
    if not 0 < pixels <= MOST_PIXELS:
        return _TOO_LARGE
    return "" if _is_camera_trailer(data[found.end() :]) else "Something else follows the end of this JPEG. Save it anew and send that."


def _is_camera_trailer(rest: bytes) -> bool:
    """What phones write behind a picture: padding, more pictures (MPF), a moment of film, or a record with its mark at the end."""
    rest = rest.strip(b"\0")
    return not rest or rest.startswith(b"\xff\xd8\xff") or b"ftyp" in rest[:8] or rest.endswith(b"SEFT")


# PNG ------------------------------------------------------------------------------------------------------------------------

_MOST_CHUNKS = 20_000
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def wrong_png(data: Data) -> str:
    try:
        chunks = list(_chunks(data))
    except ValueError:
        return _BROKEN.format("PNG")
    names = [name for name, _ in chunks]
    if names[:1] != [b"IHDR"] or names[-1] != b"IEND" or names.count(b"IEND") != 1 or b"IDAT" not in names:
        return _BROKEN.format("PNG")
    header = chunks[0][1]
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if not width or not height or width * height > MOST_PIXELS:
        return _TOO_LARGE
    channels = _CHANNELS.get(header[9])
    if channels is None or not _unpacks(chunks, (width * channels * header[8] + 7) // 8 * height + 8 * height + 1024):
        return _BROKEN.format("PNG")
    return ""


def _chunks(data: Data) -> Iterator[tuple[bytes, bytes]]:
    at, count = 8, 0
    while at < len(data):
        count += 1
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        if count > _MOST_CHUNKS or len(check) != 4 or zlib.crc32(name + body) != int.from_bytes(check, "big"):
            raise ValueError
        yield name, body
        at += 12 + length


def _unpacks(chunks: list[tuple[bytes, bytes]], most: int) -> bool:
    """Whether the compressed lines are whole and no larger than the picture they make; read a piece at a time, kept nowhere."""
    unpacker, total = zlib.decompressobj(), 0
    try:
        for name, body in chunks:
            rest = body if name == b"IDAT" else b""
            while rest:
                total += len(unpacker.decompress(rest, 1_000_000))
                rest = unpacker.unconsumed_tail
                if total > most:
                    return False
    except zlib.error:
        return False
    return unpacker.eof and not unpacker.unused_data
