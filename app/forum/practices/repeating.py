"""Whether a lesson's opening message says nothing that its record does not say, so that the page shows it once."""

from __future__ import annotations

import re
from typing import Any

TEXTS = ("problem", "what_we_did", "outcome", "again_why", "staffing")
LABELS = ("problem", "what we did", "outcome", "would we do it again", "staffing")
"""What stands before such a text in a message that was written with the record's own headings."""
_BREAK = re.compile(r"\n\s*\n|\n(?=#)|(?<=\S)\*\*(?=\s)|^(#+[^\n]*)\n", re.MULTILINE)
_WORD = re.compile(r"\w+")


def repeats(body: str, record: Any) -> bool:
    """Each paragraph of the message, less its heading, stands word for word in the record, a row. `body` is Markdown."""
    texts = [f" {_words(getattr(record, name))} " for name in TEXTS]
    paragraphs = [words for part in _BREAK.split(body) if (words := _words(part or "")) and words not in LABELS]
    return bool(paragraphs) and all(any(f" {words} " in text for text in texts) for words in paragraphs)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
