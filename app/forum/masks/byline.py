"""What stands beside a message for good: who wrote it as they were then, or of a masked one what may be said of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy.orm import Session

from app.agencies.sizes import size_band
from app.core.access import Actor, Origin
from app.forum.masks import access, circle
from app.forum.masks.models import ASKER
from app.membership import nobodies

MASKED = "masked"
"""Stands for the class of an author who wrote without their name; what may be said of them is in `author_agency`."""


@dataclass(frozen=True, slots=True)
class Byline:
    """The columns of a message of the same names. `mask`: 0 under one's name, else the author's number in the thread."""

    author_id: int
    author_rank: str
    author_class: str
    author_agency: str
    author_agency_id: int | None
    author_size: str
    mask: int = 0

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in COLUMNS}

    def of_thread(self) -> dict[str, Any]:
        """Those that a thread has, too."""
        names = ("author_id", "author_rank", "author_class", "author_agency", "mask")
        return {name: getattr(self, name) for name in names}


COLUMNS = tuple(one.name for one in fields(Byline))


def signed(actor: Actor) -> Byline:
    return Byline(
        actor.member_id, actor.rank, actor.member_class, actor.agency, actor.agency_id, size_band(actor.agency_sworn)
    )  # fmt: skip


def masked(session: Session, actor: Actor) -> Byline:
    """Without a number yet: a thread has none before it is there."""
    nobody = nobodies.row_of(session, nobodies.MASKED)
    return Byline(nobody, "", MASKED, circle.words_about(session, actor)[:100], None, "", ASKER)


def numbered(session: Session, actor: Actor, byline: Byline, thread_id: int, *, begins: bool = False) -> Byline:
    """A masked byline with the actor's number in this thread."""
    return replace(byline, mask=access.number_for(session, actor, thread_id, begins=begins)) if byline.mask else byline


def veiled(actor: Actor, written: Byline | Any) -> Actor:
    """The actor as the log may name them: of a masked message neither who it was nor from where it came."""
    return Actor(id=None, name="a member, masked", origin=Origin()) if written.mask else actor
