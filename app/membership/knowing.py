"""What members know about: a package above keeps it, and says so here, so that the directory can be asked by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select


class Knowledge(NamedTuple):
    """`members`: a SELECT of the ids of those who say that they know about the subject with the slug `subject` (a bind), as far as every
    member may know it; `offered`: the subjects (slug, name) to choose from."""

    members: Select[Any]
    offered: Callable[[Connection], Sequence[Any]]


_known: list[Knowledge] = []


def register(knowledge: Knowledge) -> None:
    """Called once at start-up."""
    _known[:] = [knowledge]


def members_knowing() -> Select[Any]:
    return _known[0].members


def offered(conn: Connection) -> list[tuple[str, str]]:
    return [(row.slug, row.name) for known in _known for row in known.offered(conn)]
