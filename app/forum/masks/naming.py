"""What a message's author is called where its words stand."""

from __future__ import annotations

from typing import Any

from app.forum.masks.models import ASKER


def name_of(message: Any) -> str:
    """Of a row with author, mask and position. In one thread a masked author is told from another by their number."""
    if not message.mask:
        return str(message.author)
    if message.mask == ASKER:
        return "The asker" if message.position else "A member"
    return f"Masked member {message.mask - ASKER}"
