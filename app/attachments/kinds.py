"""What may be attached (H6). None of it runs in a browser: all is handed out as a download."""

from __future__ import annotations

import re
from dataclasses import replace

from app.attachments.limits import MOST_BYTES
from app.core.files import Gate, Kind, films, kinds, pictures, texts
from app.core.files.archives import wrong_office

MB = 1_000_000
_ZIP = re.compile(rb"PK\x03\x04")
_OFFICE, PDF = "application/vnd.openxmlformats-officedocument.", "application/pdf"


def _office(name: str, ending: str, media_type: str) -> Kind:
    media_type = _OFFICE + media_type
    return Kind(name, media_type, frozenset({ending}), _ZIP, wrong_office(name, f"{media_type}.main+xml"), 25 * MB, is_zip=True)


def _text(name: str, ending: str, media_type: str) -> Kind:
    return Kind(name, media_type, frozenset({ending}), texts.FRONT, texts.wrong_text, 5 * MB, has_mark=False)


GIF = Kind("GIF", "image/gif", frozenset({"gif"}), re.compile(rb"GIF8[79]a"), pictures.wrong_gif, 25 * MB)
WEBP = Kind("WebP", "image/webp", frozenset({"webp"}), re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), pictures.wrong_webp, 25 * MB)
MP4 = Kind("MP4", "video/mp4", frozenset({"mp4"}), re.compile(rb"\0\0\0.ftyp", re.DOTALL), films.wrong_mp4, MOST_BYTES)
GATE = Gate(
    "PDF, Word, Excel, PowerPoint, picture, text or MP4",
    replace(kinds.PDF, most=25 * MB),
    _office("Word document", "docx", "wordprocessingml.document"),
    _office("Excel workbook", "xlsx", "spreadsheetml.sheet"),
    _office("PowerPoint presentation", "pptx", "presentationml.presentation"),
    replace(kinds.PNG, most=25 * MB),
    replace(kinds.JPEG, most=25 * MB),
    WEBP,
    GIF,
    _text("text file", "txt", "text/plain"),
    _text("CSV file", "csv", "text/csv"),
    MP4,
)


def is_document(media_type: str) -> bool:
    """Whether it says something of people besides its words: who wrote it, with what, for whom."""
    return media_type == PDF or media_type.startswith(_OFFICE)
