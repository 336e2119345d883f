"""What a Word, Excel or PowerPoint file says about people besides its words, and a copy that does not (H7). Read by pattern, not by parser:
what is taken out must leave every other byte where it was."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from app.attachments.workshop import BARE, ORIGINAL
from app.attachments.workshop.segments import Odd, bare

Says = list[tuple[str, str]]
MOST_PART = 60_000_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROPERTIES = {
    b"creator": "Author", b"lastModifiedBy": "Last changed by", b"Company": "Company", b"Manager": "Manager", b"keywords": "Keywords",
    b"category": "Category", b"description": "Remarks", b"HyperlinkBase": "Links begin with", b"Template": "Made from",
}  # fmt: skip
_PROPERTY = re.compile(rb"(<(?:\w+:)?(" + b"|".join(_PROPERTIES) + rb")(?:\s[^>]*)?>)([^<]+)(?=</)")
_OWN = re.compile(rb"(<(?:\w+:)?property\b[^>]*?\bname=[\"'])([^\"']+)")  # docProps/custom.xml: an association's own properties
_OWN_VALUES = re.compile(rb"(<vt:\w+(?:\s[^>]*)?>)([^<]+)(?=</vt:)")
_PERSON = re.compile(rb"(\s(?:\w+:)?(?:author|initials|userName)=([\"']))([^\"'<]+)(?=\2)")
_IN_PEOPLE = re.compile(rb"(\s(?:\w+:)?(?:author|userId|displayName)=([\"']))([^\"'<]+)(?=\2)")  # elsewhere a table has a displayName
_NAMED = re.compile(rb"(<(?:\w+:)?cmAuthor\b[^>]*?\sname=([\"']))([^\"'<]+)(?=\2)")  # PowerPoint's list of who commented
_AUTHOR = re.compile(rb"(<(?:\w+:)?author>)([^<]+)(?=</)")  # Excel's
_PLACE = re.compile(rb"(<(?:\w+:)?absPath\b[^>]*?\surl=([\"']))([^\"'<]+)(?=\2)")
_TRACKED = re.compile(rb"<w:(?:ins|del|moveFrom|moveTo)\s")
_PICTURE = re.compile(r"\.(?:jpe?g|png)$", re.IGNORECASE)


def copy(folder: Path) -> Says:
    """What it says; the copy without it is written beside it if there is anything. Odd for what can't be told."""
    says, pictures, tracked, differs = dict[tuple[str, str], None](), 0, 0, False
    with zipfile.ZipFile(folder / ORIGINAL) as old, zipfile.ZipFile(folder / BARE, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.file_size > MOST_PART:
                raise Odd
            data = old.read(entry)
            if _PICTURE.search(entry.filename):
                clean = bare(data)
                pictures += clean != data
            else:
                clean = data if not entry.filename.endswith(".xml") else _part(entry.filename, data, says)
                tracked += len(_TRACKED.findall(data))
            differs = differs or clean != data
            new.writestr(zipfile.ZipInfo(entry.filename), clean, zipfile.ZIP_DEFLATED)
    if not differs:
        (folder / BARE).unlink()
    return [*says, *_counted(pictures, tracked)]


def _counted(pictures: int, tracked: int) -> Iterator[tuple[str, str]]:
    if pictures:
        yield "Pictures that say where or with what they were taken", str(pictures)
    if tracked:
        yield "Tracked changes, which stay in it", str(tracked)


def _part(name: str, data: bytes, says: dict[tuple[str, str], None]) -> bytes:
    if data.startswith(_UTF16):
        raise Odd
    if name.startswith("docProps/"):
        for found in _PROPERTY.finditer(data):
            says[_PROPERTIES[found[2]], _text(found[3])] = None
        says.update(dict.fromkeys(("Property of its own", _text(found[2])) for found in _OWN.finditer(data)))
        return _OWN_VALUES.sub(rb"\1", _PROPERTY.sub(rb"\1", data)) if "custom" in name else _PROPERTY.sub(rb"\1", data)
    persons = _IN_PEOPLE if "people" in name or "persons/" in name else _PERSON
    for pattern, what in ((persons, "Changed or remarked on by"), (_NAMED, "Remarked on by"), (_PLACE, "Kept in")):
        says.update(dict.fromkeys((what, _text(found[3])) for found in pattern.finditer(data)))
        data = pattern.sub(rb"\1", data)
    if "comments" in name:
        says.update(dict.fromkeys(("Remarked on by", _text(found[2])) for found in _AUTHOR.finditer(data)))
        data = _AUTHOR.sub(rb"\1", data)
    return data


def _text(raw: bytes) -> str:
    return " ".join(html.unescape(raw.decode("utf-8", "replace")).split())[:200]
