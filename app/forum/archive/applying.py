"""`squadroom import mbox FILE --forum SLUG`: an old list's archive becomes threads of a forum, and nobody is told.

Written in batches, each a transaction of its own with its row in the log, so that the site goes on working meanwhile. Each message is
noted with what was written of it: an import that was broken off is completed by the same command, and one of the same files again, or of
a longer archive of the same list, adds only what is new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import audit, clock, markup
from app.core.access import Actor
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.forum import listening
from app.forum.archive import access, planning, reading
from app.forum.archive.files import Files
from app.forum.archive.markdown import markdown
from app.forum.archive.models import ArchiveMessage
from app.forum.archive.planning import Figures, Plan, Target
from app.forum.archive.reading import Archive, Unreadable
from app.forum.archive.threading import Head
from app.forum.markings import Marking
from app.forum.models import FROM_ARCHIVE, ReadMark, Reply, Thread, ThreadKind
from app.forum.operations.writing import forum_changed, marking_in
from app.membership import nobodies

BATCH_MESSAGES, BATCH_CHARACTERS = 500, 2_000_000  # of one transaction: how long other writers wait, and how much memory it takes
_REPLIES: Any = insert(Reply.__table__).returning(Reply.id, Reply.thread_id, Reply.position)  # type: ignore[arg-type]
_A: Any = ArchiveMessage.__table__
_NOTED = insert(_A)
_CAME = (
    update(_A)
    .where(_A.c.forum_id == bindparam("of_forum"), _A.c.key == bindparam("of_key"))
    .values(thread_id=bindparam("thread"), reply_id=bindparam("reply"))
)
_M: Any = ReadMark.__table__
_KEPT_UP = update(_M).where(_M.c.thread_id == bindparam("thread"), _M.c.position == bindparam("was")).values(position=bindparam("now"))


@dataclass(frozen=True, slots=True)
class Wish:
    """Which files become threads of which forum; `marking` is a label, or empty for the forum's default."""

    paths: list[Path]
    slug: str
    marking: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    figures: Figures
    unreadable: list[Unreadable]


def look(db: Database, actor: Actor, wish: Wish) -> Imported:
    """What an import would do; nothing is written. NotAnArchive, Invalid or NotFound where it could not be done."""
    with Files(wish.paths) as files:
        found = _Import(db, actor, wish, files)
        return Imported(found.plan.figures, found.plan.unreadable)


def take_in(db: Database, actor: Actor, wish: Wish) -> Imported:
    """Do it. When it raises, what was written before stands, and the same again completes it."""
    with Files(wish.paths) as files:
        found = _Import(db, actor, wish, files)
        try:
            found.write()
        except IntegrityError:
            raise Conflict("Another import into this forum is under way. Wait for it, then start this one again.") from None
        return Imported(found.plan.figures, found.plan.unreadable)


class _Row(NamedTuple):
    """A message ready to be written."""

    key: bytes
    title: str
    values: dict[str, Any]


class _Part(NamedTuple):
    """Messages of a thread that are written in one transaction."""

    target: Target
    rows: list[_Row]


class _Import:
    def __init__(self, db: Database, actor: Actor, wish: Wish, files: Files) -> None:
        self.db, self.actor, self.wish, self.files = db, actor, wish, files
        with db.read() as conn:
            forum = access.forum_for(conn, actor, wish.slug)
        self.forum_id: int = forum.id
        self.marking = _marking(forum.marking_floor, wish.marking)
        self.archive: Archive = reading.read(files, clock.now())
        with db.read() as conn:
            self.plan: Plan = planning.plan(conn, actor, forum.id, self.archive)
        self.nobody = 0

    def write(self) -> None:
        if self.plan.figures.messages > self.plan.figures.matched_messages:
            with self.db.write() as session:
                self.nobody = nobodies.row_of(session, nobodies.LIST_ARCHIVE)
        for batch in self._batches():
            with self.db.write() as session:
                self._write(session, batch)

    # Outside of any transaction ------------------------------------------------------------------------------------------

    def _batches(self) -> Iterator[list[_Part]]:
        batch: list[_Part] = []
        messages = characters = 0
        for target in self.plan.targets:
            part = _Part(target, [])
            batch.append(part)
            for head in target.heads:
                row = self._row(head)
                part.rows.append(row)
                messages, characters = messages + 1, characters + len(row.values["html"]) + len(row.values["body"])
                if messages >= BATCH_MESSAGES or characters >= BATCH_CHARACTERS:
                    yield batch
                    part = _Part(target, [])
                    batch, messages, characters = [part], 0, 0
        if messages:
            yield batch

    def _row(self, head: Head) -> _Row:
        letter = reading.letter(self.files, head.place, self.archive.tags)
        body = markdown(letter.text)
        member = self.plan.members.get(head.author)
        # What a member was at the time nobody knows: no rank and no agency are claimed for then.
        by = {"author_id": member, "author_class": "", "author_agency": ""}
        if member is None:
            by = {"author_id": self.nobody, "author_class": FROM_ARCHIVE, "author_agency": letter.author.name}
        values = {
            **by, "author_rank": "", "author_agency_id": None, "author_size": "", "body": body, "html": markup.render(body).html,
            "render_version": markup.RENDER_VERSION, "version": 1, "created_at": dt.datetime.fromtimestamp(head.date, dt.UTC),
            "hidden_by": "", "hidden_reason": "",
        }  # fmt: skip
        return _Row(self.archive.keys[head.number], letter.title, values)

    # In one transaction --------------------------------------------------------------------------------------------------

    def _write(self, session: Session, batch: list[_Part]) -> None:
        parts = [part for part in batch if part.rows]
        standing = access.threads_to_grow(session, self.actor, [p.target.thread_id for p in parts if p.target.thread_id is not None])
        grown = [self._begun(part) if part.target.thread_id is None else standing[part.target.thread_id] for part in parts]
        kept_up = [{"thread": thread.id, "was": thread.last_position} for thread in grown if thread.id is not None]
        for thread, part in zip(grown, parts, strict=True):
            _grow(thread, part.rows)
        session.add_all(grown)
        session.flush()
        conn = session.connection()
        moved = [{**one, "now": standing[one["thread"]].last_position} for one in kept_up]
        if moved:
            conn.execute(_KEPT_UP, moved)
        for thread, part in zip(grown, parts, strict=True):
            for row in part.rows:
                row.values["thread_id"] = thread.id
        written = conn.execute(_REPLIES, [row.values for part in parts for row in part.rows])
        ids = {(row.thread_id, row.position): row.id for row in written}
        self._note(session, parts, ids)
        listening.messages_changed(session, list(ids.values()))
        begun = sum(part.target.thread_id is None for part in parts)
        for thread, part in zip(grown, parts, strict=True):
            part.target.thread_id = thread.id
        self._log(session, len(ids), begun)
        forum_changed(session, self.forum_id)  # last, as a reply does: others wait at its row

    def _begun(self, part: _Part) -> Thread:
        first = part.rows[0]
        by = {name: first.values[name] for name in ("author_id", "author_rank", "author_class", "author_agency")}
        at = first.values["created_at"]
        return Thread(
            forum_id=self.forum_id, kind=ThreadKind.DISCUSSION, title=first.title, marking=self.marking, created_at=at, last_reply_at=at,
            last_reply_by=by["author_id"], last_position=-1, read_to=-1, **by,
        )  # fmt: skip

    def _note(self, session: Session, parts: list[_Part], ids: dict[tuple[int, int], int]) -> None:
        """Which message became which reply, and which messages are still missing."""
        noted, came = [], []
        for part in parts:
            for row in part.rows:
                thread, reply = row.values["thread_id"], ids[row.values["thread_id"], row.values["position"]]
                if row.key in self.plan.awaited:
                    came.append({"of_forum": self.forum_id, "of_key": row.key, "thread": thread, "reply": reply})
                else:
                    noted.append({"forum_id": self.forum_id, "key": row.key, "thread_id": thread, "reply_id": reply})
            missing, part.target.missing = part.target.missing, []
            thread = part.rows[0].values["thread_id"]
            noted += [{"forum_id": self.forum_id, "key": key, "thread_id": thread, "reply_id": None} for key in missing]
        for statement, values in ((_NOTED, noted), (_CAME, came)):
            if values:
                session.connection().execute(statement, values)

    def _log(self, session: Session, messages: int, threads: int) -> None:
        names = [path.name[:200] for path in self.wish.paths[:20]]
        about: dict[str, Any] = {"forum": self.wish.slug, "files": names, "messages": messages, "threads": threads}
        audit.record(session, self.actor, "archive.import", ("forum", self.forum_id), **about, marking=self.marking.label)


def _marking(floor: int | None, label: str) -> Marking:
    try:
        marking = marking_in(floor, label)
    except ValueError as error:
        raise Invalid(marking=str(error)) from None
    if marking is Marking.RED:
        raise Invalid(marking="TLP:RED is for named readers, and an archive names none.")
    return marking


def _grow(thread: Thread, rows: list[_Row]) -> None:
    """Give each message its place. All of the thread counts as read, unless someone has written in it since."""
    was = thread.last_position
    for row in rows:
        thread.last_position = row.values["position"] = thread.last_position + 1
        if row.values["created_at"] >= thread.last_reply_at:
            thread.last_reply_at, thread.last_reply_by = row.values["created_at"], row.values["author_id"]
    if thread.read_to == was:
        thread.read_to = thread.last_position
