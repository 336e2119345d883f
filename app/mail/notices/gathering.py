"""What of a member's waiting notifications may be mailed at this moment, with the messages as they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from app.core.site import Site
from app.mail.at_once import hearers, subject
from app.mail.at_once.hearers import Hearer
from app.mail.at_once.posted import opening_of

Where = tuple[int, int]
"""A message: its thread and position."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message that one member is told of, as of now."""

    hearer: Hearer
    message: Row[Any]
    opening_id: int

    @property
    def where(self) -> Where:
        return self.message.thread_id, self.message.position


def pieces(conn: Connection, site: Site, wanted: dict[int, Iterable[Where]]) -> dict[int, list[Piece]]:
    """Of the messages that each of these members waits to be told of those that stand, that they may see, and that they still want by
    mail and have not read. Two or three statements a message, however many members."""
    by_message: dict[Where, list[int]] = defaultdict(list)
    for member_id, places in wanted.items():
        for where in places:
            by_message[where].append(member_id)
    found: dict[int, list[Piece]] = defaultdict(list)
    for where in sorted(by_message):
        message = subject.message(conn, *where)
        if message is None:
            continue
        opening = opening_of(conn, message)
        for hearer in hearers.these(conn, message, by_message[where], site).values():
            if hearer.by_mail:
                found[hearer.id].append(Piece(hearer, message, opening))
    return found
