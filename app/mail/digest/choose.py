"""What goes into each reader's digest. Messages of the period are read once for all; who may see which of their threads, what
they have read and what they muted in three statements for a few hundred members."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, literal, null, select, union_all

from app.forum import access
from app.forum.markings import Marking
from app.forum.models import Forum, ReadMark, Reply, Thread, Watch, WatchLevel
from app.mail.digest.readers import Reader
from app.mail.models import Detail, ForumLevel, Level, MailedAtOnce, strictest
from app.mail.words import by_line
from app.membership.models import Member

MOST_ITEMS = 12
MOST_MESSAGES = 20_000  # of one period, the newest: bounds the memory of a run


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    position: int
    author_id: int
    version: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """A thread with new messages. `by` is its author as they were at posting, under today's name."""

    id: int
    forum_id: int
    kind: str
    title: str
    marking: Marking
    by: str
    version: int
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Place:
    """A forum. `order` is its place in the association's order."""

    id: int
    slug: str
    title: str
    order: tuple[int, int]
    most: Detail  # the most a mail of it may hold


@dataclass(slots=True)
class Window:
    """All messages of a period, by thread; whose they may be is not decided yet."""

    since: dt.datetime
    until: dt.datetime
    subjects: dict[int, Subject] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    subject: Subject
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Section:
    place: Place
    items: tuple[Item, ...]
    messages: int  # new ones in the forum, shown or not
    left_out: int  # threads for which there was no room


@dataclass(frozen=True, slots=True)
class Choice:
    reader: Reader
    sections: tuple[Section, ...]

    @property
    def messages(self) -> int:
        return sum(section.messages for section in self.sections)

    def detail(self, section: Section) -> Detail:
        """How much the mail may hold of a forum: the stricter of what the forum and the reader allow."""
        return strictest(self.reader.content, section.place.most)

    def print(self) -> str:
        """A fingerprint of all that the message is made of: when it is another, the message must be made again (M13)."""
        items = [
            (
                s.place.title,
                s.place.most,
                s.messages,
                s.left_out,
                [(i.subject.title, i.subject.marking, i.subject.by, [(m.id, m.version) for m in i.messages]) for i in s.items],
            )
            for s in self.sections
        ]
        return hashlib.sha256(repr((self.reader.content, self.reader.called, items)).encode("utf-8", "replace")).hexdigest()


_WINDOW = (
    access.messages_between(
        Reply.id, Reply.position, Reply.author_id, Reply.version, Reply.created_at, Reply.thread_id, Thread.forum_id, Thread.kind,
        Thread.title, Thread.marking, Thread.author_rank, Thread.author_agency, Thread.version.label("thread_version"), Member.name,
        Forum.slug, Forum.title.label("forum"), Forum.sort, Forum.mail_most,
    )
    .join(Member, Member.id == Thread.author_id)
    .order_by(Reply.created_at.desc(), Reply.id.desc())
    .limit(MOST_MESSAGES)
)  # fmt: skip
_IDS: Any = bindparam("ids", expanding=True)
_VISIBLE: Select[Any] = access.visible_to_many(_IDS).where(Thread.last_reply_at > bindparam("since"))
_LEVELS = select(ForumLevel.member_id, ForumLevel.forum_id, ForumLevel.level).where(ForumLevel.member_id.in_(_IDS))
_SEEN: Any = union_all(
    select(ReadMark.member_id, ReadMark.thread_id, ReadMark.position).where(
        ReadMark.member_id.in_(_IDS), ReadMark.read_at > bindparam("since")
    ),
    select(Watch.member_id, Watch.thread_id, null()).where(Watch.member_id.in_(_IDS), Watch.level == literal(WatchLevel.MUTE.value)),
    select(MailedAtOnce.member_id, null(), MailedAtOnce.reply_id).where(
        MailedAtOnce.member_id.in_(_IDS), MailedAtOnce.at > bindparam("since")
    ),
)
"""Rows of member, thread and position; without a position the thread is muted, without a thread it is a message that was mailed."""
MUTED = 1 << 60
"""As far read as can be."""


@dataclass(slots=True)
class Known:
    """What the readers of a batch know already, or don't want to know: how far each has read in a thread, and what they were mailed."""

    read: dict[tuple[int, int], int] = field(default_factory=dict)
    mailed: set[tuple[int, int]] = field(default_factory=set)

    def note(self, member: int, thread: int | None, position: int | None) -> None:
        if thread is None:
            self.mailed.add((member, position or 0))
        else:
            self.read[member, thread] = MUTED if position is None else max(position, self.read.get((member, thread), -1))


def window(conn: Connection, since: dt.datetime, until: dt.datetime) -> Window:
    found = Window(since, until)
    for row in conn.execute(_WINDOW, {"since": since, "until": until}):
        subject = found.subjects.get(row.thread_id)
        if subject is None:
            by = by_line(row.author_rank, row.name, row.author_agency)
            marking = Marking(row.marking)
            subject = Subject(row.thread_id, row.forum_id, row.kind, row.title, marking, by, row.thread_version, [])
            found.subjects[row.thread_id] = subject
            found.places.setdefault(row.forum_id, _place(row))
        subject.messages.append(Message(row.id, row.position, row.author_id, row.version, row.created_at))
    return found


def _place(row: Row[Any]) -> Place:
    return Place(row.forum_id, row.slug, row.forum, (row.sort, row.forum_id), Detail(row.mail_most))


def choose(conn: Connection, seen: Window, readers: Sequence[Reader]) -> list[Choice]:
    """A choice for each reader, in their order, perhaps an empty one. Three statements, however many readers."""
    values = {"ids": [reader.id for reader in readers], "since": seen.since}
    levels = {(row[0], row[1]): row[2] for row in conn.execute(_LEVELS, values).all()}
    known = Known()
    for row in conn.execute(_SEEN, values).all():
        known.note(*row)
    threads: dict[int, list[int]] = defaultdict(list)
    for member, thread in conn.execute(_VISIBLE, values).all():
        if thread in seen.subjects:
            threads[member].append(thread)
    return [_choice(seen, reader, threads[reader.id], levels, known) for reader in readers]


def _choice(seen: Window, reader: Reader, threads: list[int], levels: dict[tuple[int, int], str], known: Known) -> Choice:
    by_place: dict[int, list[Item]] = defaultdict(list)
    for thread in () if reader.is_away else threads:
        subject = seen.subjects[thread]
        level = levels.get((reader.id, subject.forum_id), Level.DAILY)
        since = None if level == Level.NONE else reader.weekly_since if level == Level.WEEKLY else reader.since
        if since is None:
            continue
        new = _new(subject, reader, since, known)
        if new:
            by_place[subject.forum_id].append(Item(subject, new))
    return Choice(reader, _arranged(seen, by_place))


def _new(subject: Subject, reader: Reader, since: dt.datetime, known: Known) -> tuple[Message, ...]:
    """Messages of the period that are not the reader's own, and that they neither read on the site nor were mailed, in their order."""
    after, read = max(since, reader.read_before), known.read.get((reader.id, subject.id), -1)
    found = [m for m in subject.messages if m.position > read and m.author_id != reader.id and after < m.at <= reader.slot]
    if known.mailed:
        found = [m for m in found if (reader.id, m.id) not in known.mailed]
    return tuple(sorted(found, key=lambda m: m.position))


def _arranged(seen: Window, by_place: dict[int, list[Item]]) -> tuple[Section, ...]:
    """By forum in the association's order. Where there is not room for all, each forum gets its newest threads in turn."""
    places = sorted((seen.places[place_id] for place_id in by_place), key=lambda place: place.order)
    for items in by_place.values():
        items.sort(key=lambda item: (item.messages[-1].at, item.subject.id), reverse=True)
    room = dict.fromkeys(by_place, 0)
    left = MOST_ITEMS
    while left and any(room[p.id] < len(by_place[p.id]) for p in places):
        for place in places:
            if left and room[place.id] < len(by_place[place.id]):
                room[place.id] += 1
                left -= 1
    return tuple(
        Section(p, tuple(by_place[p.id][: room[p.id]]), sum(len(i.messages) for i in by_place[p.id]), len(by_place[p.id]) - room[p.id])
        for p in places
    )
