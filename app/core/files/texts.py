"""Whether a file is text and nothing else: no control characters, no mark of another kind."""

from __future__ import annotations

import codecs
import re

from app.core.files.builds import Data

FRONT = re.compile(rb"(?!MZ|PK\x03\x04|%PDF-|%!PS|\x7fELF|\x89PNG|GIF8|Rar!|7z\xbc|\{\\rtf|#!|\xca\xfe\xba\xbe|\xd0\xcf\x11\xe0)")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PIECE = 65_536


def wrong_text(data: Data) -> str:
    if _CONTROLS.search(data):
        return "This file holds more than text. Save it as plain text (UTF-8) and send that."
    return "" if _reads_as(data, "utf-8") or _reads_as(data, "cp1252") else "This text is in an unknown alphabet. Save it as UTF-8."


def _reads_as(data: Data, charset: str) -> bool:
    decoder = codecs.getincrementaldecoder(charset)()
    try:
        for at in range(0, len(data), _PIECE):
            decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))
    except UnicodeError:
        return False
    return True
