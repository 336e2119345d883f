"""A message as a reply quotes it: with who wrote it and a link to it, so that it can be found again in mail and in the source, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from app.forum.mentions.placing import writer_of
from app.forum.queries import replies


def quoted(conn: Connection, thread: Row[Any], position: int | None, origin: str) -> str:
    """The text that a reply starts with, of a message of a thread that was reached through the actor; a hidden one can't be quoted."""
    if position is None or position > thread.last_position:
        return ""
    row = replies.one(conn, thread.id, position)
    if row.hidden_at is not None:
        return ""
    lines = [
        f"**{writer_of(row)}** wrote in [#{row.position}]({origin}/threads/{thread.id}/replies/{row.position}):",
        "",
        *row.body.split("\n"),
    ]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"
