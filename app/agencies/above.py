"""What agencies must ask of the packages above: which of them have members, who works there, where anyone can have a mailbox. Said
once, in main.py.

While nobody has said it, no agency has a member: a page shows less, never more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, false, select

from app.agencies.models import Agency
from app.core.access import Actor

People = Callable[[Connection, Actor, int], Sequence[Any]]
FreeMail = Callable[[str], bool]

_NOBODY: Select[Any] = select(Agency.id).where(false())
_staffed: Select[Any] = _NOBODY
_people: People | None = None
_free_mail: FreeMail | None = None


def register(staffed: Select[Any], people: People) -> None:
    """`staffed`: SELECT of the ids of agencies with a current member. `people`: the rows to list at an agency, for this actor."""
    global _staffed, _people
    _staffed, _people = staffed, people


def staffed() -> Select[Any]:
    return _staffed


def people_at(conn: Connection, actor: Actor, agency_id: int) -> Sequence[Any]:
    return _people(conn, actor, agency_id) if _people else ()


def register_free_mail(is_free: FreeMail) -> None:
    """Where anyone can have a mailbox: such a domain is no agency's."""
    global _free_mail
    _free_mail = is_free


def is_free_mail(domain: str) -> bool:
    return _free_mail is not None and _free_mail(domain)
