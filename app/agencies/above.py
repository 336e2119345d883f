"""What agencies must ask of the packages above: which of them have members, and who works there. Said once, in main.py.

While nobody has said it, no agency has a member: a page shows less, never more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, false, select

from app.agencies.models import Agency
from app.core.access import Actor

People = Callable[[Connection, Actor, int], Sequence[Any]]

_NOBODY: Select[Any] = select(Agency.id).where(false())
_staffed: Select[Any] = _NOBODY
_people: People | None = None


def register(staffed: Select[Any], people: People) -> None:
    """`staffed`: SELECT of the ids of agencies with a current member. `people`: the rows to list at an agency, for this actor."""
    global _staffed, _people
    _staffed, _people = staffed, people


def staffed() -> Select[Any]:
    return _staffed


def people_at(conn: Connection, actor: Actor, agency_id: int) -> Sequence[Any]:
    return _people(conn, actor, agency_id) if _people else ()
