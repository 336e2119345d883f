"""What the index is asked, in the same words for both engines. Each has a module: `newest` and `titled`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.core.together import Said

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Rows of these scopes that have every phrase of `wanted`, none of `banned`, and of each of `tags` one at least."""

    scopes: tuple[int, ...]
    wanted: tuple[Phrase, ...] = ()
    banned: tuple[Phrase, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    low: int = 0  # ids from here …
    high: int = 1 << 62  # … to below here


class Named(NamedTuple):
    """Ids, the highest first. `bottom`: below it nothing was looked at, as that would have taken too long; 0: all that there is was."""

    ids: list[int]
    bottom: int = 0


class Engine(Protocol):
    def put(self, conn: Connection, rows: list[dict[str, Any]]) -> None:
        """These rows (documents.py) were written."""

    def put_new(self, conn: Connection, row: dict[str, Any], again: Said) -> list[Said]:
        """Write the row of a message that is new, in `search_docs` too, or queue `again` where that fails: by what is given back, which is
        written with the rest of the act, or at once."""

    def forget(self, conn: Connection, reply_ids: str) -> None:
        """The rows of these messages (a JSON list) are about to go."""

    def newest(self, conn: Connection, terms: Terms, limit: int) -> Named:
        """At most `limit`."""

    def titled(self, conn: Connection, scopes: tuple[int, ...], groups: list[tuple[str, ...]], limit: int) -> list[int]:
        """The newest threads of these scopes whose title has every word of one of the groups."""


def why_of(error: DBAPIError) -> str:
    """For the log: PostgreSQL's code alone, as its text may hold a member's words."""
    return str(getattr(error.orig, "sqlstate", None) or error.orig)


def engine_of(conn: Connection) -> Engine:
    # Late: a process needs one of them.
    if conn.dialect.name == "sqlite":
        from app.search.engines.sqlite import FTS5

        return FTS5
    from app.search.engines.postgres import GIN

    return GIN
