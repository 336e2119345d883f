"""A synthetic corpus for measuring: `squadroom seed`. Believable in its shape (a few busy forums, long tails), not in its words."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from app.accounts.models import Account
from app.agencies.models import Agency
from app.agencies.naming import search_text
from app.agencies.sizes import size_band
from app.core import clock, markup
from app.core.access import system
from app.core.audit import record
from app.core.db import Database
from app.core.errors import Conflict
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight, Reply, Thread, ThreadKind
from app.membership.models import Group, GroupMember, Member, MemberClass, MemberStatus

FORUMS, AGENCIES, TEXTS, CHUNK = 20, 500, 400, 2000
LONG_THREAD = 12_000  # replies of the first thread, as far as there are so many
_VOCABULARY = (
    "patrol shift records officer sergeant camera policy county budget grant training traffic radio dispatch evidence crash report "
    "overtime vehicle school alarm citizen burglary wellness hiring lateral academy jail transport drone pursuit review chief "
    "sheriff deputy agency town council insurance vendor contract storage audio redaction prosecutor court schedule staffing week "
    "month year cost outcome measured problem change answer question we they our the a of to in and with for on at by from after "
    "before during about against between under without because when while where how many much more less same other each every"
)
_WORDS = tuple(_VOCABULARY.split())
_RIGHTS = {
    MemberClass.HEAD: GrantRight.POST,
    MemberClass.SWORN: GrantRight.POST,
    MemberClass.CIVILIAN: GrantRight.POST,
    MemberClass.RETIRED: GrantRight.READ,
    MemberClass.STAFF: GrantRight.MODERATE,
}


@dataclass(frozen=True, slots=True)
class Size:
    members: int
    threads: int
    replies: int
    seed: int = 1


class _Seeder:
    def __init__(self, conn: Connection, size: Size) -> None:
        self.conn, self.size, self.random, self.now = conn, size, random.Random(size.seed), clock.now()  # noqa: S311  # not a secret
        self.texts = [self._text() for _ in range(TEXTS)]

    def run(self) -> None:
        self._agencies()
        self._members()
        self._forums()
        lengths = self._lengths()
        self._insert(Thread, (self._thread(i, n) for i, n in enumerate(lengths)))
        self._insert(Reply, self._replies(lengths))
        if self.conn.dialect.name == "postgresql":
            self._advance_sequences()
        self.conn.execute(text("ANALYZE"))

    def _words(self, count: int) -> str:
        return " ".join(self.random.choices(_WORDS, k=count))

    def _text(self) -> tuple[str, str]:
        """About 100 words of Markdown, and its HTML."""
        points = f"- {self._words(10)}\n- {self._words(10)}"
        body = f"{self._words(30)}.\n\n**{self._words(4)}** {self._words(40)}.\n\n{points}\n\n{self._words(8)}."
        return body, markup.render(body).html

    def _insert(self, model: Any, rows: Iterator[dict[str, Any]]) -> None:
        chunk: list[dict[str, Any]] = []
        statement = insert(model.__table__)
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                self.conn.execute(statement, chunk)
                chunk = []
        if chunk:
            self.conn.execute(statement, chunk)

    def _agencies(self) -> None:
        self._insert(
            Agency,
            (
                {"id": i, "ori": f"ZZ{i:07d}", "name": f"Town {i} Police Department", "short_name": f"Town {i} PD",
                 "agency_type": "city", "state": "ZZ", "county": f"County {i % 50}", "city": f"Town {i}", "region": "",
                 "sworn": self.random.choice((5, 14, 30, 80, 220)), "search_text": search_text(f"Town {i} Police Department", "ZZ"),
                 "source": "seed", "version": 1, "updated_at": self.now}
                for i in range(1, AGENCIES + 1)
            ),
        )  # fmt: skip

    def _members(self) -> None:
        ids, classes = range(1, self.size.members + 1), list(_RIGHTS)
        groups = {c: i for i, c in enumerate(MemberClass, 1)}
        self._insert(
            Group,
            (
                {"id": i, "slug": c.value, "name": c.value.title(), "description": "", "member_class": c, "version": 1}
                for c, i in groups.items()
            ),
        )
        begun = self.now - dt.timedelta(days=1200)
        self._insert(
            Account,
            ({"id": i, "email": f"member{i}@seed.example", "blocklist_version": "", "failed_since": 0, "created_at": begun} for i in ids),
        )
        self._insert(
            Member,
            (
                {"id": i, "agency_id": i % AGENCIES + 1, "name": f"Member {i:05d}", "rank": "Chief", "organization": "",
                 "member_class": classes[i % 3], "status": MemberStatus.ACTIVE, "status_reason": "", "phone": "", "about": "",
                 "search_text": f"member {i:05d} chief",
                 "time_zone": "", "version": 1, "read_version": 1, "read_before": begun,
                 "approved_at": begun, "start_done_at": begun}
                for i in ids
            ),
        )  # fmt: skip
        self._insert(GroupMember, ({"member_id": i, "group_id": groups[classes[i % 3]], "since": begun} for i in ids))
        self._groups, self._begun = groups, begun

    def _forums(self) -> None:
        self._insert(
            Forum,
            (
                {"id": i, "slug": f"forum-{i}", "title": f"Forum {i}", "description": self._words(8), "sort": i,
                 "marking_floor": Marking.CLEAR, "anonymous_ok": False, "version": 1}
                for i in range(1, FORUMS + 1)
            ),
        )  # fmt: skip
        grants = (
            {"group_id": self._groups[c], "forum_id": f, "right": right, "since": self._begun}
            for f in range(1, FORUMS + 1)
            for c, right in _RIGHTS.items()
        )
        self._insert(Grant, grants)

    def _lengths(self) -> list[int]:
        """How many replies each thread has: one very long one, a few long, many short; all of them together as asked for."""
        left = self.size.replies
        first = min(LONG_THREAD, left // 2)
        weights = [self.random.paretovariate(1.2) for _ in range(self.size.threads - 1)]
        scale = (left - first) / sum(weights)
        lengths = [first, *[int(w * scale) for w in weights]]
        for i in range(left - sum(lengths)):
            lengths[1 + i % (len(lengths) - 1)] += 1
        return lengths

    def _author(self, member: int) -> dict[str, Any]:
        agency = member % AGENCIES + 1
        return {"author_id": member, "author_rank": "Chief", "author_class": "head", "author_agency": f"Town {agency} PD"}

    def _thread(self, index: int, length: int) -> dict[str, Any]:
        begun = self.now - dt.timedelta(days=1000) + dt.timedelta(days=995 * index / self.size.threads)
        return {
            "id": index + 1, "forum_id": index % FORUMS + 1, "kind": list(ThreadKind)[index % 3], "title": f"{self._words(8)} {index}",
            "marking": Marking.GREEN, "created_at": begun, "last_position": length, "last_reply_at": begun + dt.timedelta(minutes=length),
            "last_reply_by": length % self.size.members + 1, "pinned": False, "locked_by": "", "lock_reason": "", "version": 1,
            **self._author(index % self.size.members + 1),
        }  # fmt: skip

    def _replies(self, lengths: list[int]) -> Iterator[dict[str, Any]]:
        bands: dict[int, str] = {}
        for index, length in enumerate(lengths):
            begun = self.now - dt.timedelta(days=1000) + dt.timedelta(days=995 * index / self.size.threads)
            for position in range(length + 1):
                member = (index + position) % self.size.members + 1
                body, html = self.texts[(index * 7 + position) % TEXTS]
                agency = member % AGENCIES + 1
                band = bands.setdefault(agency, size_band(14))
                yield {
                    "thread_id": index + 1, "position": position, "author_agency_id": agency, "author_size": band, "body": body,
                    "html": html, "render_version": markup.RENDER_VERSION, "version": 1,
                    "created_at": begun + dt.timedelta(minutes=position),
                    "hidden_by": "", "hidden_reason": "", **self._author(member),
                }  # fmt: skip

    def _advance_sequences(self) -> None:
        for table in ("agencies", "groups", "accounts", "forums", "threads"):
            self.conn.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"))  # noqa: S608


def seed(db: Database, size: Size) -> None:
    """Fill an empty database. Conflict where there are people: a corpus is never mixed with members."""
    with db.write() as session:
        if session.execute(select(func.count()).select_from(Account)).scalar_one():
            raise Conflict("This database has people in it; a corpus goes into an empty one.")
        _Seeder(session.connection(), size).run()
        record(session, system("seed"), "corpus.seed", members=size.members, threads=size.threads, replies=size.replies)
