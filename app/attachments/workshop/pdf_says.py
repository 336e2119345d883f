"""What a PDF says about people besides its words, and a copy that does not (H7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from app.attachments.workshop import BARE, ORIGINAL
from app.attachments.workshop.office_says import Says
from app.attachments.workshop.segments import bare

_SAID = {
    "/Author": "Author",
    "/Title": "Title",
    "/Subject": "Subject",
    "/Keywords": "Keywords",
    "/Creator": "Made with",
    "/Company": "Company",
}
_NOTES = ("/Metadata", "/PieceInfo", "/LastModified")
_WIDGET = "/Widget"  # its /T is the name of a field, no person's


def copy(folder: Path) -> Says:
    """What it says; the copy without it is written beside it if there is anything."""
    reader = pypdf.PdfReader(folder / ORIGINAL)
    info: dict[str, Any] = dict(reader.metadata or {})
    says = dict.fromkeys((_SAID[key], _short(value)) for key, value in info.items() if key in _SAID and _short(value))
    writer = pypdf.PdfWriter(clone_from=reader)
    hidden, pictures = 0, 0
    for thing in _things(writer):
        if thing.get("/Type") != "/Metadata":
            hidden += sum(thing.pop(NameObject(name), None) is not None for name in _NOTES)
        if "/T" in thing and thing.get("/Type") == "/Annot" and thing.get("/Subtype") != _WIDGET:
            says["Remarked on by", _short(thing["/T"])] = None
            thing[NameObject("/T")] = TextStringObject("")
        pictures += _strip(thing)
    found = [*says, *([("Pictures that say where or with what they were taken", str(pictures))] if pictures else [])]
    found += [("Hidden notes of the program it was made with", str(hidden))] if hidden else []
    if found:
        writer.metadata = None
        writer.write(folder / BARE)
    return found


def _things(writer: pypdf.PdfWriter) -> Iterator[Any]:
    """Every dictionary of the file, also those that stand in another: remarks may."""
    waiting: list[Any] = [one for one in writer._objects if one is not None]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [inner for inner in one.values() if isinstance(inner, DictionaryObject | list)]
        elif isinstance(one, list):
            waiting += [inner for inner in one if isinstance(inner, DictionaryObject | list)]


def _strip(thing: DictionaryObject) -> bool:
    """A JPEG in the file keeps its own notes of the camera."""
    if not isinstance(thing, StreamObject) or thing.get("/Filter") not in ("/DCTDecode", ["/DCTDecode"]):
        return False
    clean = bare(thing._data)
    if clean == thing._data:
        return False
    thing._data = clean
    return True


def _short(value: Any) -> str:
    return " ".join(str(value).split())[:200]
