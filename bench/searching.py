"""Searching a large corpus: `python -m bench.searching prepare 1000000`, then `python -m bench.searching run`.

The corpus is `squadroom seed`'s with words of its own, 60,000 of them as often as Zipf says, so that there are common and rare ones. Two
hundred questions are asked, each once and nothing kept, by a reader of 20 forums and by one of 2.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from itertools import accumulate
from statistics import median
from typing import Any

from sqlalchemy import delete, insert, text

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.forum.models import Grant, GrantRight
from app.membership.actors import actor_of
from app.membership.models import Group, GroupMember
from app.search import asking, indexing, queries, similar
from app.search.queries import Wish
from app.seeding import _WORDS, Size, _Seeder
from app.web import humane
from bench import steps
from bench.report import Goal, Report

WORDS, LENGTH = 60_000, 60
OF_ALL, OF_TWO = 5, 6  # members
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "or", "it")]


def vocabulary() -> list[str]:
    """The corpus's words, the commonest first."""
    by = random.Random(3)
    made = dict.fromkeys(_WORDS)
    while len(made) < WORDS:
        made["".join(by.choices(_SYLLABLES, k=by.randint(2, 4)))] = None
    return list(made)


class _Zipf(_Seeder):
    def __init__(self, *given: Any) -> None:
        self.vocabulary = vocabulary()
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(WORDS)))
        super().__init__(*given)

    def _words(self, count: int) -> str:
        return " ".join(self.random.choices(self.vocabulary, cum_weights=self.weights, k=count))

    def _replies(self, lengths: list[int]) -> Iterator[dict[str, Any]]:
        for row in super()._replies(lengths):
            body = self._words(LENGTH)
            yield {**row, "body": body, "html": f"<p>{body}</p>"}


def prepare(db: Database, _settings: Settings, replies: int) -> None:
    with db.write() as session:
        _Zipf(session.connection(), Size(2_000, replies // 12, replies)).run()
        group = session.execute(insert(Group).values(slug="two", name="Two forums", description="", version=1)).inserted_primary_key
        assert group is not None
        session.execute(delete(GroupMember).where(GroupMember.member_id == OF_TWO))
        session.execute(insert(GroupMember).values(member_id=OF_TWO, group_id=group[0], since=clock.now()))
        for forum in (3, 7):
            session.execute(insert(Grant).values(group_id=group[0], forum_id=forum, right=GrantRight.POST, since=clock.now()))
    began = time.perf_counter()
    count = indexing.everything(db)
    print(f"{count:,} messages indexed in {time.perf_counter() - began:.0f} s", flush=True)
    with db.write() as session:
        session.execute(text("ANALYZE"))


def questions() -> list[str]:
    """Common and rare words, two and three of them, phrases, minus, operators."""
    by, words = random.Random(4), vocabulary()
    common, middle, rare = words[:60], words[60:3_000], words[3_000:]
    found = [*by.sample(common, 25), *by.sample(middle, 20), *by.sample(rare, 15)]
    found += [f"{by.choice(common)} {by.choice(common)}" for _ in range(20)]
    found += [f"{by.choice(common)} {by.choice(middle)}" for _ in range(20)]
    found += [f"{by.choice(middle)} {by.choice(rare)} {by.choice(common)}" for _ in range(10)]
    found += [f'"{by.choice(common)} {by.choice(common)}"' for _ in range(15)]
    found += [f'"{by.choice(common)} {by.choice(middle)}"' for _ in range(10)]
    found += [f"{by.choice(common)} -{by.choice(common)}" for _ in range(10)]
    operators = ("kind:lesson", "state:ZZ", "forum:forum-3", "before:2025", "after:2026-06", "is:unanswered", "is:unread", "size:<25",
                 'from:"member 00017"', 'agency:"town 12"', "has:attachment")  # fmt: skip
    found += [f"{by.choice(common)} {operator}" for operator in operators for _ in range(3)]
    found += [f"{by.choice(middle)} {operator}" for operator in operators for _ in range(2)]
    return found


def never_asked() -> list[str]:
    """Questions of a common word and a less common one, ready for an address: so many that none is asked twice in a measurement."""
    words = vocabulary()
    return [f"{common}+{other}" for other in words[60:2_000] for common in words[:60]]


def run(db: Database, _settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    zone, now = humane.zone("UTC"), clock.now()
    gc.freeze()  # as `serve` does: else all that was imported is looked through for garbage now and then, for a tenth of a second
    with db.read() as conn:
        for name, member in (("20 forums", OF_ALL), ("2 forums", OF_TWO)):
            actor = actor_of(conn, member)
            queries.search(conn, actor, Wish(asking.read("camera zzzz"), zone, now))
            taken = []
            for q in questions():
                began = time.perf_counter()
                answer = queries.search(conn, actor, Wish(asking.read(q), zone, now))
                taken.append(((time.perf_counter() - began) * 1000, q, answer.total))
            found[name] = _told(taken)
            by, words, taken = random.Random(5), vocabulary(), []
            for _ in range(100):
                title = " ".join(by.choices(words[:3_000], k=by.randint(2, 7)))
                began = time.perf_counter()
                rows = similar.threads(conn, actor, title)
                taken.append(((time.perf_counter() - began) * 1000, title, len(rows)))
            found[f"{name}, similar"] = _told(taken)
    return found


def _told(taken: list[tuple[float, str, int]]) -> dict[str, Any]:
    times = sorted(one[0] for one in taken)
    slowest = [f"{ms:.0f} ms {q!r} ({total})" for ms, q, total in sorted(taken, reverse=True)[:8]]
    return {"count": len(times), "p50": median(times), "p95": times[int(len(times) * 0.95)], "most": times[-1], "slowest": slowest}


def tell(report: Report, engine: str, replies: int, found: dict[str, dict[str, Any]]) -> None:
    for who, times in found.items():
        of, is_typed = f"search of {replies:,} replies, {who}, {times['count']} questions", "similar" in who
        report.note(f"{of}: median", engine, f"{times['p50']:.1f} ms")
        report.figure(f"{of}: p95", engine, times["p95"], " ms", Goal(30 if is_typed else 50, unit=" ms"))
        report.figure(f"{of}: slowest", engine, times["most"], " ms", None if is_typed else Goal(250, unit=" ms"))
        report.note(f"{of}: the slowest are", engine, "; ".join(times["slowest"][:3]).replace("|", "/"))


if __name__ == "__main__":
    steps.take(prepare, run, 200_000)
