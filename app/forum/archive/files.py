"""The files of an archive on disk, and where each message lies in them. Memory does not grow with their size."""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from app.core.errors import Refusal

PIECE = 1 << 16
_MARK = b"\xef\xbb\xbf"  # some programs begin UTF-8 with it
MOST_READ = 4_000_000  # of one message: its words come first, its attachments are not taken
# "From pat@agency.gov Tue Mar  4 10:00:00 2014", or "From pat at agency.gov  Tue …" as Mailman's archives have it.
_FROM = re.compile(rb"From .{0,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+[A-Za-z0-9]{1,3}\s.{0,40}?\d{1,2}:\d{2}")
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:|>From ")
_RULE = re.compile(rb"={60,}\s*$")
_LISTSERV = re.compile(rb"(?i)(?:date|from|sender|reply-to|subject|message-id|received|return-path|comments|organization|to|x-[\w-]+):")


class NotAnArchive(Refusal):
    """The file as a whole is no archive."""

    title = "This is not a list archive"


class Place(NamedTuple):
    """Where a message lies: of which file, from which byte, how long. `line` is the file's line it begins at."""

    file: int
    offset: int
    size: int
    line: int


class Files:
    """Opens each file when it is read. What is packed with gzip is unpacked into one file that has no name and goes with this."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        self.cut_off: set[int] = set()
        self._unpacked: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._starts: dict[int, tuple[int, int]] = {}  # of unpacked files: where they begin and how long they are
        self._open: tuple[int, IO[bytes]] | None = None

    def close(self) -> None:
        self._unpacked.close()
        if self._open is not None:
            self._open[1].close()

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def read(self, place: Place) -> bytes:
        """A message as it stands in its file, or as much of it as is looked at."""
        file, start = self._opened(place.file)
        file.seek(start + place.offset)
        return file.read(min(place.size, MOST_READ))

    def places(self, number: int) -> Iterator[Place]:
        """Where the messages of a file lie, in its order; NotAnArchive where it holds none."""
        try:
            self._unpack(number)
            yield from _places(number, self._lines(number), self.paths[number])
        except OSError as error:
            raise NotAnArchive(f"{self.paths[number]}: {error.strerror or error}") from None

    def _unpack(self, number: int) -> None:
        with self.paths[number].open("rb") as packed:
            if packed.read(2) != b"\x1f\x8b":
                return
            packed.seek(0)
            start = self._unpacked.seek(0, 2)
            if not _unpack(packed, self._unpacked):
                self.cut_off.add(number)
            self._starts[number] = (start, self._unpacked.tell() - start)

    def _opened(self, number: int) -> tuple[IO[bytes], int]:
        if number in self._starts:
            return self._unpacked, self._starts[number][0]
        if self._open is None or self._open[0] != number:
            if self._open is not None:
                self._open[1].close()
            self._open = (number, self.paths[number].open("rb"))
        return self._open[1], 0

    def _lines(self, number: int) -> Iterator[bytes]:
        """A file's lines; one longer than PIECE comes in several. Messages may be read in between: each piece is sought anew."""
        size = self._starts[number][1] if number in self._starts else self.paths[number].stat().st_size
        at, rest = 0, b""
        while at < size:
            file, start = self._opened(number)
            file.seek(start + at)
            piece = file.read(min(16 * PIECE, size - at))
            if not piece:
                break
            at += len(piece)
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            for line in lines:
                yield line + b"\n"
            if len(rest) > PIECE:
                yield rest
                rest = b""
        if rest:
            yield rest


def _unpack(packed: IO[bytes], plain: IO[bytes]) -> bool:
    """Whether it could be unpacked to its end. What comes before a break is written."""
    stream = zlib.decompressobj(31)  # gzip's own form
    try:
        while piece := packed.read(PIECE):
            while piece:
                if stream.eof:  # one packed file after the other is one packed file
                    stream = zlib.decompressobj(31)
                plain.write(stream.decompress(piece))
                piece = stream.unused_data
    except zlib.error:
        return False
    return stream.eof


class _Form(NamedTuple):
    """How messages are parted: what a line between two of them looks like, and what must follow it."""

    between: re.Pattern[bytes]
    then: re.Pattern[bytes]
    after_blank: bool


_MBOX = _Form(_FROM, _FIELD, after_blank=True)
_LOG = _Form(_RULE, _LISTSERV, after_blank=False)


def _places(number: int, lines: Iterator[bytes], path: Path) -> Iterator[Place]:
    """A line between messages counts where a field of a header follows it: one quoted in a message does not cut it in two."""
    form: _Form | None = None
    at, begun, is_open = 0, (0, 0), False  # begun: offset and line of the message that is open
    maybe, is_start, was_blank = 0, True, True
    for count, whole in enumerate(lines, start=1):
        line = whole.removeprefix(_MARK) if count == 1 else whole
        if form is None and (form := _form_of(line, path)) is None:
            at += len(whole)
            continue
        if maybe and form.then.match(line):
            if is_open:
                yield Place(number, begun[0], maybe - 1 - begun[0], begun[1])
            begun, is_open = (at, count), True
        maybe = 0
        if is_start and (was_blank or not form.after_blank) and form.between.match(line):
            maybe = at + 1
        is_start, was_blank = line.endswith(b"\n"), not line.strip()
        at += len(whole)
    if is_open:
        yield Place(number, begun[0], at - begun[0], begun[1])
    if form is None:
        raise NotAnArchive(f"{path}: is empty.")


def _form_of(line: bytes, path: Path) -> _Form | None:
    """By the first line that says anything; None for one before it."""
    if not line.strip():
        return None
    if line.startswith(b"From "):
        return _MBOX
    if _RULE.match(line):
        return _LOG
    raise NotAnArchive(f"{path}: begins neither as an mbox, nor as a text of Mailman's, nor as a log of LISTSERV's.")
