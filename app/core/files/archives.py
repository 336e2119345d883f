"""Whether a Word, Excel or PowerPoint file is a ZIP that may be opened: few parts, of a bearable size, no path, no other archive, no
program, nothing that is fetched from elsewhere. What may not be unpacked is found before anything is."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from app.core.files.builds import Data

MOST_ENTRIES, MOST_UNPACKED, MOST_DIRECTORY = 3_000, 300_000_000, 1_000_000
_MOST_RELATIONS = 3_000_000  # bytes, of all such parts together
_BROKEN = "This {} is damaged or cut short. Save it anew and send that."
_NOT_TAKEN = "This {} {}. Save it without, or as a PDF, and send that."
_ARCHIVE = re.compile(r"\.(?:zip|7z|rar|gz|tgz|bz2|xz|tar|cab|jar|iso|docx|xlsx|pptx|docm|xlsm|pptm|xlsb)$", re.IGNORECASE)
_PROGRAM = re.compile(
    r"vbaproject|vbadata|activex|/embeddings/|oleobject|\.(?:exe|dll|js|vbs|ps1|bat|cmd|scr|hta|lnk|msi|com)$", re.IGNORECASE
)
_BAD_PATH = re.compile(r"^[/\\]|\\|(?:^|/)\.\.(?:/|$)|^[A-Za-z]:|[\x00-\x1f\x7f]")
_MARKS = (b"PK\x03\x04", b"MZ", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x7fELF")
_FETCHED = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/package")  # kinds of relations that are opened with the file


def wrong_office(name: str, main_part: str) -> Callable[[Data], str]:
    """The rule for one of the three: `main_part` is what its list of parts must name."""

    def wrong(data: Data) -> str:
        if not _has_small_directory(data):
            return _BROKEN.format(name)
        try:
            with zipfile.ZipFile(io.BufferedReader(_View(data))) as archive:
                found = _wrong_entries(archive) or _wrong_parts(archive, main_part)
        except (
            zipfile.BadZipFile,
            NotImplementedError,  # zipfile's word for a way of packing, or a version, that it does not know
            RuntimeError,
            EOFError,
            KeyError,
            OSError,
            ValueError,
            UnicodeError,
            zlib.error,
            expat.ExpatError,
        ):
            return _BROKEN.format(name)
        return found and (_BROKEN.format(name) if found == "broken" else _NOT_TAKEN.format(name, found))

    return wrong


class _View(io.RawIOBase):
    """The bytes as a file to seek in: a map of the disk is none in the library's eyes."""

    def __init__(self, data: Data) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = max(0, to + (0, self._at, len(self._data))[whence])
        return self._at

    def readinto(self, into: Any) -> int:
        piece = self._data[self._at : self._at + len(into)]
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _has_small_directory(data: Data) -> bool:
    """Read by hand, as the library would take the whole directory into memory; it must end the file, and leave no gap before it."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if at < 0 or len(data) - at < 22:
        return False
    end = data[at : at + 22]
    size, start, comment = (int.from_bytes(end[a:b], "little") for a, b in ((12, 16), (16, 20), (20, 22)))
    entries = int.from_bytes(end[10:12], "little")
    return start + size == at and at + 22 + comment == len(data) and size <= MOST_DIRECTORY and 0 < entries <= MOST_ENTRIES


def _wrong_entries(archive: zipfile.ZipFile) -> str:
    """What the directory alone shows."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        return "unpacks to more than is taken"
    if len(set(names)) != len(names) or any(_BAD_PATH.search(entry.orig_filename) for entry in entries):
        return "broken"
    if any(entry.flag_bits & 0x41 for entry in entries):
        return "is encrypted"
    if any(stat.S_ISLNK(entry.external_attr >> 16) or entry.compress_type not in (0, 8) for entry in entries):
        return "broken"
    if any(_PROGRAM.search(name) for name in names):
        return "holds a program, a macro or another file"
    return "holds another archive" if any(_ARCHIVE.search(name) for name in names) else ""


def _wrong_parts(archive: zipfile.ZipFile, main_part: str) -> str:
    """What the parts themselves show: a few bytes of each, and the short ones that say what belongs to what."""
    types, left = _short(archive, "[Content_Types].xml", _MOST_RELATIONS), _MOST_RELATIONS
    if b"macroEnabled" in types or main_part.encode() not in types:
        return "holds a program, a macro or another file" if b"macroEnabled" in types else "broken"
    for entry in archive.infolist():
        with archive.open(entry) as part:
            if part.read(8).startswith(_MARKS):
                return "holds a program, a macro or another file"
        if entry.filename.endswith(".rels"):
            relations = _short(archive, entry.filename, left)
            left -= len(relations)
            if _fetches(relations):
                return "fetches a part of itself from another place"
    return ""


def _short(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as part:
        data = part.read(most + 1)
    if len(data) > most:
        raise ValueError
    return data


def _fetches(relations: bytes) -> bool:
    """Read as Office reads it, whatever the alphabet; entities are refused (H11)."""
    found = False

    def start(_name: str, given: dict[str, str]) -> None:
        nonlocal found
        found = found or (given.get("TargetMode", "").lower() == "external" and given.get("Type", "").endswith(_FETCHED))

    def refuse(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
    parser.Parse(relations, True)
    return found
