"""Finding messages: only what its asker may see, in lists and in counts; every operator; the same on both engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, text

from app.core.access import Actor
from app.forum.access import visible_threads
from app.forum.models import Forum, Reply, Thread
from app.membership.models import Member
from app.search import asking, queries
from app.search.asking import Asked
from app.search.engines import postgres
from app.search.queries import Wish
from app.search.words import words
from app.web import humane
from tests.databases import Template
from tests.people import AGENCIES, CAST, LONG_AGO
from tests.search.corpus import QUERIES, fill
from tests.world import World

ZONE = humane.zone("America/Los_Angeles")


def asked_through(conn: Connection, actor: Actor, q: str, now: dt.datetime) -> tuple[list[tuple[int, int]], Any, Any]:
    """(thread, position) of all pages in order, total and facets."""
    order, after = [], ""
    first: Any = None
    while True:
        found = queries.search(conn, actor, Wish(asking.read(q), ZONE, now, frozenset({"threads"}), after, 80))
        first = first or found
        order += [(hit.row.thread_id, hit.row.position) for hit in found.hits]
        if not found.next:
            return order, first.total, first.facets
        after = found.next


def visible(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """All messages that this member may see, by the fence's own list form."""
    columns = (
        Reply.thread_id, Reply.position, Reply.body, Reply.created_at, Reply.author_id, Reply.author_class, Reply.author_agency,
        Reply.author_agency_id, Reply.mask, Thread.title, Thread.kind, Thread.answer_position, Thread.last_reply_at, Thread.read_to,
        Forum.slug, Member.name,
    )  # fmt: skip
    statement = visible_threads(*columns).join(Reply, Reply.thread_id == Thread.id).join(Forum, Forum.id == Thread.forum_id)
    statement = statement.join(Member, Member.id == Reply.author_id)
    return list(conn.execute(statement.where(Reply.hidden_at.is_(None)), {"me": actor.member_id}))


class Oracle:
    """What a question means, said a second time in the plainest way, over every message that somebody may see."""

    def __init__(self, world: World, actor: Actor, rows: list[Row[Any]]) -> None:
        self.actor, self.rows = actor, rows
        self.texts = {id(row): [words(row.body), *([words(row.title)] if row.position == 0 else [])] for row in rows}
        self.sworn = {world.ids.agencies[key]: row[5] for key, row in AGENCIES.items()}
        self.names = {world.ids.agencies[key]: row[1].lower() for key, row in AGENCIES.items()}

    def places(self, asked: Asked) -> set[tuple[int, int]]:
        return {(row.thread_id, row.position) for row in self.rows if self.says(row, asked)}

    def says(self, row: Row[Any], asked: Asked) -> bool:
        texts = self.texts[id(row)]
        return (
            all(any(self.holds(text, phrase) for text in texts) for phrase in asked.wanted)
            and not any(self.holds(text, phrase) for phrase in asked.banned for text in texts)
            and self.is_from(row, asked)
            and (not asked.forums or row.slug in asked.forums)
            and (not asked.kinds or row.kind in asked.kinds)
            and (asked.before is None or row.created_at.astimezone(ZONE).date() < asked.before)
            and (asked.after is None or row.created_at.astimezone(ZONE).date() >= asked.after)
            and "attachment" not in asked.has  # none of them has a file
            and ("unanswered" not in asked.has or (row.kind == "question" and row.answer_position is None))
            and ("unread" not in asked.has or (row.last_reply_at > LONG_AGO and row.position > row.read_to))  # nobody has a mark yet
        )

    def is_from(self, row: Row[Any], asked: Asked) -> bool:
        """A masked message is from nobody and from nowhere."""
        sworn, shown = self.sworn.get(row.author_agency_id, -1), not row.mask
        name = (row.author_agency if row.author_class == "archive" else row.name).lower()
        by = [all(w in name for w in wanted.lower().split()) and shown for wanted in asked.writers if wanted != "me"]
        return (
            (not asked.writers or any(by) or ("me" in asked.writers and row.author_id == self.actor.id and shown))
            and (not asked.agencies or any(name in self.names.get(row.author_agency_id, "") for name in asked.agencies))
            and (not asked.states or (row.author_agency_id is not None and "CS" in asked.states))
            and (asked.sworn is None or asked.sworn[0] <= sworn <= asked.sworn[1])
        )

    def holds(self, text: list[str], phrase: tuple[str, ...]) -> bool:
        return any(tuple(text[at : at + len(phrase)]) == phrase for at in range(len(text)))


def test_both_engines_find_the_same_and_only_what_the_asker_may_see(template_of: Callable[[str], Template], tmp_path: Path) -> None:  # C3
    assert len(QUERIES) >= 200
    answers: dict[str, Any] = {}
    for engine in ("sqlite", "postgres"):
        template = template_of(engine)
        world = World(template.fresh(), template.ids, tmp_path / engine)
        fill(world)
        sizes: dict[str, int] = {}
        with world.db.read() as conn:
            for key in CAST:
                if key == "suspended":
                    continue
                actor = world.actor(key)
                oracle = Oracle(world, actor, visible(conn, actor))
                sizes[key] = len(oracle.rows)
                for q in QUERIES if key == "chief" else QUERIES[::9]:
                    asked = asking.read(q)
                    order, total, facets = asked_through(conn, actor, q, world.now)
                    wanted = oracle.places(asked)
                    assert (set(order), len(order)) == (wanted, len(wanted)), (engine, key, q)
                    assert total == len(wanted), (engine, key, q)
                    assert sum(count for _, count in facets.get("kind", [])) == len(wanted), (engine, key, q)
                    answers.setdefault((key, q), (order, total, facets))
                    assert answers[key, q] == (order, total, facets), (engine, key, q)
        # There is something to keep from them, and the order has something to sort.
        assert len(set(sizes.values())) >= 4
        assert sizes["vendor"] < sizes["retired"] < sizes["chief"] < sizes["colleague"]
        world.close()
    assert sum(len(order) > 5 for order, _, _ in answers.values()) > 100


def test_spans_of_days_find_what_one_look_finds(
    template_of: Callable[[str], Template], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = template_of("postgres")
    world = World(template.fresh(), template.ids, tmp_path)
    fill(world)
    with world.db.read() as conn:
        actor = world.actor("chief")
        wanted = {q: asked_through(conn, actor, q, world.now) for q in QUERIES if '"' in q or len(q) % 3 == 0}
        for name, value in (("WHOLE", 0), ("ENOUGH", 0.001), ("WIDER", 2.0)):  # as if these messages were a million
            monkeypatch.setattr(postgres, name, value)
        for is_counted in (False, True):
            if is_counted:
                with world.db.write() as session:
                    session.execute(text("ANALYZE search_docs"))
            for kept in (queries._orders, postgres._spreads):
                kept._kept.clear()
            for q, answer in wanted.items():
                assert asked_through(conn, actor, q, world.now) == answer, (q, is_counted)
        # A phrase is read from so many rows at a time: then a page is short, and the next goes on below it.
        monkeypatch.setattr(postgres, "DEEPEST", 1)
        queries._orders._kept.clear()
        phrases = [q for q in QUERIES if '"' in q and ":" not in q]
        for q in phrases:
            assert set(asked_through(conn, actor, q, world.now)[0]) == set(wanted[q][0]), q
        assert any(queries.search(conn, actor, Wish(asking.read(q), ZONE, world.now)).is_more for q in phrases)
    world.close()
