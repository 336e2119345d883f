"""A quote that stood in somebody's form when the quoted message moved up, as one before it was taken back, is put right when it is sent."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.forum.masks.naming import name_of
from app.forum.mentions import access
from app.forum.models import FROM_ARCHIVE

FARTHEST = 3  # places up: each is a message that was taken back meanwhile
_HEADING = re.compile(
    r"^(?P<start>> ?\*\*(?P<who>.{1,200})\*\* wrote in \[#)(?P<at>\d{1,9})(?P<link>\]\([^\s()]*/replies/)(?P=at)\)", re.MULTILINE
)


def writer_of(row: Any) -> str:
    """How a quote names who wrote a message."""
    return str(row.author_agency) if row.author_class == FROM_ARCHIVE else f"{row.author_rank} {name_of(row)}".strip()


def placed(conn: Connection | Session, thread_id: int, text: str, lost: dict[int, str]) -> tuple[str, list[int]]:
    """`lost`: by position the lines that the messages there don't hold. Where the writer whom the quote names wrote that line a few places
    above, that is what is quoted: the text with this number, and which they are."""
    rows = access.writings(conn, thread_id, [at - up for at in lost for up in range(1, FARTHEST + 1) if at > up])
    found: list[int] = []

    def put_right(heading: re.Match[str]) -> str:
        at = int(heading["at"])
        for up in range(1, FARTHEST + 1):
            row = rows.get(at - up)
            if at in lost and row is not None and writer_of(row) == heading["who"] and lost[at] in " ".join(row.body.split()):
                found.append(at - up)
                return f"{heading['start']}{at - up}{heading['link']}{at - up})"
        return heading[0]

    return _HEADING.sub(put_right, text), found
