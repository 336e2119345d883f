"""Who asks: the Actor that every read and every act is given, and the rights one may hold. Knows no domain."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

from app.core.errors import Forbidden


class Right(enum.StrEnum):
    """What a page or an act can ask for beyond being a member. A forum's rights are grants, not these."""

    ADMIN = "admin"
    REVIEW = "review"
    RECORDS = "records"
    MODERATE = "moderate"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, for the log: never shown to other members."""

    address: str = ""
    session_id: int | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A member as of this request, or a named part of the system (then `id` is None). Never a global."""

    id: int | None
    name: str
    rank: str = ""
    member_class: str = ""
    agency_id: int | None = None
    agency: str = ""
    agency_sworn: int | None = None
    group_ids: frozenset[int] = frozenset()
    rights: frozenset[Right] = frozenset()
    may_write: bool = True
    origin: Origin = field(default_factory=Origin)

    @property
    def is_system(self) -> bool:
        return self.id is None

    @property
    def member_id(self) -> int:
        """The member's id; the system has none and may not be asked for it."""
        if self.id is None:
            raise Forbidden("Only a member can do that.")
        return self.id

    def may(self, right: Right) -> bool:
        return right in self.rights

    def require(self, right: Right) -> None:
        if right not in self.rights:
            raise Forbidden

    def seen_from(self, origin: Origin) -> Actor:
        return replace(self, origin=origin)


def system(name: str) -> Actor:
    """The Actor for work that no person asked for: `system("digest")` stands in the log as system:digest."""
    return Actor(id=None, name=f"system:{name}", rights=frozenset({Right.ADMIN}))
