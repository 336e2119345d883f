"""What a lesson's page shows of adoptions: a small chart, the latest, and what one's own agency said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.agencies.sizes import size_band
from app.core.access import Actor
from app.forum.adoptions import access
from app.forum.adoptions.models import AdoptionState
from app.forum.models import ThreadKind

SHOWN = 8
NAMES: dict[str, str] = {
    AdoptionState.ADOPTED: "We adopted it",
    AdoptionState.CONSIDERING: "We are considering it",
    AdoptionState.DECLINED: "We decided against it",
}
_WORDS = {AdoptionState.ADOPTED: "in use", AdoptionState.CONSIDERING: "considering", AdoptionState.DECLINED: "decided against"}


class Part(NamedTuple):
    """One state's part of the chart; `at` and `width` are of 300 units in all."""

    state: str
    number: int
    words: str
    at: int
    width: int


def chart(counts: Mapping[str, int]) -> list[Part]:
    """The bar's parts, those that are not there left out."""
    total, at = sum(counts.values()), 0
    parts: list[Part] = []
    for state, words in _WORDS.items():
        count = counts[state.value]
        if count:
            width = round(300 * count / total)
            parts.append(Part(state.value, count, f"{count} {words}", at, width))
            at += width
    return parts


def panel(conn: Connection, actor: Actor, thread: Row[Any]) -> dict[str, Any]:
    """For the page of a thread that was reached through the actor; a lesson of which nobody said anything asks nothing more."""
    if thread.kind != ThreadKind.LESSON:
        return {"adoption": None}
    said = thread.adoptions > 0
    may_adopt = access.may_adopt(actor)
    return {
        "adoption": chart(access.counts_of(conn, thread.id)) if said else [],
        "adoptions": access.newest(conn, thread.id, SHOWN) if said else [],
        "own_adoption": access.one(conn, thread.id, actor.agency_id) if said and may_adopt else None,
        "may_adopt": may_adopt,
        "adoption_names": NAMES,
        "size_band": size_band,
    }
