"""Threads whose titles are like one that is being written: shown while it is typed, so that what was answered isn't asked again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Row

from app.core.access import Actor
from app.forum.searching import access as forum
from app.search.documents import own_id
from app.search.engines import engine_of
from app.search.finding import reach_of
from app.search.words import STOP, words

SHOWN, LOOKED, MOST_WORDS = 5, 120, 8


def threads(conn: Connection, actor: Actor, title: str, limit: int = SHOWN) -> list[Row[Any]]:
    """Threads that the actor may see, the most alike first. All words together are looked for, then all but one, then any two of the
    longest: so an old thread that is very like is not behind the newest that share a common word."""
    wanted = [word for word in dict.fromkeys(words(title[:200])) if word not in STOP][:MOST_WORDS]
    if not wanted:
        return []
    scopes = reach_of(conn, actor.member_id).scopes(None)
    docs: dict[int, None] = {}
    for groups in _groups(wanted):
        docs |= dict.fromkeys(engine_of(conn).titled(conn, scopes, groups, LOOKED))
        if len(docs) >= LOOKED:
            break
    ids = json.dumps([own_id(doc) for doc in docs])
    rows = forum.visible_openings(conn, actor.member_id, ids) if docs else []
    return [row for _, row in sorted(((_likeness(row, wanted), row) for row in rows), key=_best)[:limit]]


def _groups(wanted: list[str]) -> Iterable[list[tuple[str, ...]]]:
    """From the strictest on, each asked at once; one word is enough only where there are no more."""
    count = len(wanted)
    yield [tuple(wanted)]
    if count > 2:
        yield [*combinations(wanted, count - 1)]
    if count > 3:
        yield [*combinations(sorted(wanted, key=len, reverse=True)[:4], 2)]


def _likeness(row: Row[Any], wanted: list[str]) -> float:
    """How much the two titles share, of all that both say; a little more for a question that has its answer."""
    said = Counter(word for word in words(row.title) if word not in STOP)
    shared = sum(word in said for word in wanted)
    return shared / (len(said) + len(wanted) - shared or 1) + 0.05 * (row.answer_position is not None)


def _best(one: tuple[float, Row[Any]]) -> tuple[float, int]:
    return -one[0], -one[1].id
