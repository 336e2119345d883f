"""The messages of a period, read once for all members of a run; whose they may be is not decided yet."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from app.forum.crowd import access
from app.forum.markings import Marking
from app.forum.models import Forum, Reply, Thread
from app.mail.digest.rank import Facts, Rank, rank
from app.mail.models import Detail
from app.mail.pieces import Kept
from app.mail.words import by_line
from app.membership.models import Member

MOST_MESSAGES = 20_000  # of one period, the newest: bounds the memory of a run
MOST_MOMENTS = 32  # for which a shelf keeps what is new since then; nearly everyone has the same one


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    position: int
    author_id: int
    version: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A forum, with the most a mail of it may hold."""

    id: int
    slug: str
    title: str
    most: Detail


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A thread with new messages. `by` is its author as they were at posting, under today's name. `last`: its newest position."""

    id: int
    place: Place
    kind: str
    title: str
    marking: Marking
    author_id: int
    by: str
    version: int
    last: int
    is_locked: bool
    agencies: int
    messages: list[Message] = field(default_factory=list)

    def facts(self, newest: dt.datetime) -> Facts:
        return Facts(self.id, self.kind, self.last, self.agencies, newest)


@dataclass(slots=True, eq=False)
class Item:
    """Of a thread the messages that are new to somebody, in their order. Those who have the same new messages share it: what is rendered
    for it is kept by it. `ranks`: where it stands for who took no part, and for who did."""

    subject: Subject
    messages: tuple[Message, ...]
    ranks: tuple[Rank, Rank]
    _print: bytes = b""

    @property
    def print(self) -> bytes:
        """A fingerprint of all that it says; most are never asked for it."""
        if not self._print:
            s = self.subject
            said = (s.id, s.place.title, s.title, s.kind, int(s.marking), s.by, [(m.id, m.version) for m in self.messages])
            self._print = hashlib.sha256(repr(said).encode("utf-8", "replace")).digest()
        return self._print


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread's place among those of a period, for someone who took no part in it."""

    newest: dt.datetime
    rank: Rank
    subject: Subject


MakeItem = Callable[[Subject, Sequence[Message]], Item]
Count = tuple[int, int]
"""Threads, messages."""


class Shelf:
    """A period's threads up to a slot, as they are to whoever has read nothing of them and took no part. TLP:RED ones stand in no run and
    no count: they are added for each of the few who may read them."""

    def __init__(self, subjects: Sequence[Subject], until: dt.datetime, item: MakeItem) -> None:
        entries: list[Entry] = []
        self._until, self._make = until, item
        self._times: dict[int, list[dt.datetime]] = defaultdict(list)
        self._newest: dict[int, list[dt.datetime]] = defaultdict(list)
        for subject in subjects:
            times = [message.at for message in subject.messages if message.at <= until]
            if times and subject.marking < Marking.RED:
                newest = max(times)
                entries.append(Entry(newest, rank(subject.facts(newest)), subject))
                self._times[subject.place.id] += times
                self._newest[subject.place.id].append(newest)
        for sorted_times in (*self._times.values(), *self._newest.values()):
            sorted_times.sort()
        entries.sort(key=lambda entry: entry.rank)
        self.runs = [list(run) for _, run in groupby(entries, lambda entry: entry.rank[:2])]
        """In order; within a run the newest first."""
        self._counted: dict[dt.datetime, dict[int, Count]] = {}
        self._items: dict[dt.datetime, Items] = {}

    def counts(self, after: dt.datetime) -> dict[int, Count]:
        """How many threads and messages each forum has after a moment."""
        found = self._counted.get(after)
        if found is None:
            found = {
                place: (len(newest) - bisect_right(newest, after), len(self._times[place]) - bisect_right(self._times[place], after))
                for place, newest in self._newest.items()
            }
            if len(self._counted) < MOST_MOMENTS:
                self._counted[after] = found
        return found

    def items(self, after: dt.datetime) -> Items:
        """All of a thread that is newer than a moment, by thread."""
        found = self._items.get(after)
        if found is None:
            found = Items(after, self._until, self._make)
            if len(self._items) < MOST_MOMENTS:
                self._items[after] = found
        return found


class Items(dict[Subject, "Item | None"]):
    """Of each thread what is new in a period, or None: looked for when it is asked for first."""

    def __init__(self, after: dt.datetime, until: dt.datetime, make: MakeItem) -> None:
        self._after, self._until, self._make = after, until, make

    def __missing__(self, subject: Subject) -> Item | None:
        messages = [message for message in subject.messages if self._after < message.at <= self._until]
        found = self[subject] = self._make(subject, messages) if messages else None
        return found


class Window:
    """All messages of a period, by thread."""

    def __init__(self, since: dt.datetime, until: dt.datetime) -> None:
        self.since, self.until = since, until
        self.subjects: dict[int, Subject] = {}
        self.places: dict[int, Place] = {}
        self.thread_of: dict[int, int] = {}
        """By message."""
        self.wrote: dict[int, set[int]] = {}
        """The threads that somebody took part in, by author."""
        self._shelves = Kept(48)
        self._items: dict[tuple[int, ...], Item] = {}

    def add(self, subject: Subject) -> None:
        """A thread is its author's own also where their opening message is hidden."""
        self.subjects[subject.id] = subject
        self.wrote.setdefault(subject.author_id, set()).add(subject.id)

    def shelf(self, until: dt.datetime) -> Shelf:
        until = min(until, self.until)
        return self._shelves.get(until, lambda: Shelf(list(self.subjects.values()), until, self.item))

    def item(self, subject: Subject, messages: Sequence[Message]) -> Item:
        """The one item of these messages, which are not none."""
        key = (subject.id, *[message.id for message in messages])
        found = self._items.get(key)
        if found is None:
            found = _item(subject, tuple(messages))
            if len(self._items) < MOST_MESSAGES:
                self._items[key] = found
        return found


def _item(subject: Subject, messages: tuple[Message, ...]) -> Item:
    facts = subject.facts(max(message.at for message in messages))
    return Item(subject, messages, (rank(facts, False), rank(facts, True)))


_THREADS = access.threads_since(
    Thread.id, Thread.forum_id, Thread.kind, Thread.title, Thread.marking, Thread.mask, Thread.author_id, Thread.author_rank,
    Thread.author_class, Thread.author_agency, Thread.last_position, Thread.locked_at, Thread.version, Member.name, Forum.slug,
    Forum.title.label("forum"), Forum.mail_most,
)  # fmt: skip
_MESSAGES = (
    access.messages_between(Reply.thread_id, Reply.mask, Reply.id, Reply.position, Reply.author_id, Reply.version, Reply.created_at)
    .order_by(Reply.created_at.desc(), Reply.id.desc())
    .limit(MOST_MESSAGES)
)
_WRITERS = access.writers()
_MASKS = access.masks_since()


def _unmasked(conn: Connection, found: Window) -> dict[tuple[int, int], int]:
    """Who is behind each mask, by thread and number: their own messages are no news to them. What is rendered never asks for it."""
    behind = {(thread, number): member for thread, number, member in conn.execute(_MASKS, {"since": found.since})}
    for (thread, _number), member in behind.items():
        found.wrote.setdefault(member, set()).add(thread)
    return behind


def window(conn: Connection, since: dt.datetime, until: dt.datetime) -> Window:
    """Four statements."""
    found = Window(since, until)
    behind = _unmasked(conn, found)
    agencies: dict[int, int] = {}
    for thread, authors, number in conn.execute(_WRITERS, {"since": since}):
        agencies[thread] = number
        for author in map(int, authors.split(",")):
            found.wrote.setdefault(author, set()).add(thread)
    for row in conn.execute(_THREADS, {"since": since}):
        place = found.places.setdefault(row.forum_id, Place(row.forum_id, row.slug, row.forum, Detail(row.mail_most)))
        author = behind.get((row.id, row.mask), row.author_id)
        found.add(_subject(row, place, author, agencies.get(row.id, 0)))
    for thread, mask, number, position, author, *rest in conn.execute(_MESSAGES, {"since": since, "until": until}):
        subject = found.subjects.get(thread)
        if subject is not None:  # it is of a forum that was closed, or younger than what was read before
            subject.messages.append(Message(number, position, behind.get((thread, mask), author), *rest))
            found.thread_of[number] = thread
    for subject in found.subjects.values():
        subject.messages.sort(key=lambda message: message.position)
    return found


def _subject(row: Row[Any], place: Place, author: int, agencies: int) -> Subject:
    by = by_line(row, row.name)
    return Subject(
        row.id, place, row.kind, row.title, Marking(row.marking), author, by, row.version, row.last_position,
        row.locked_at is not None, agencies,
    )  # fmt: skip
