"""What goes into each reader's digest: the twelve things they would want first, and how much more there is.

Most of a period is the same for everyone who reads a forum, so it is ranked and counted once for all (`Shelf`). Of each reader only those
threads are looked at by themselves in which something is their own: what they wrote, read, muted, were mailed, or are named for.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from sqlalchemy import Connection

from app.forum.crowd.access import may_answer, sees
from app.forum.markings import Marking
from app.mail.digest.known import Known, known_of
from app.mail.digest.rank import Rank, Tier, rank
from app.mail.digest.readers import Reader
from app.mail.digest.window import Item, Message, Place, Shelf, Subject, Window
from app.mail.models import Detail, Level, strictest

MOST_ITEMS = 12
_INSTANT = dt.timedelta(microseconds=1)

Found = tuple[Rank, Item]
Afters = dict[int, dt.datetime]
"""By forum, after which moment messages count."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing in the mail: a thread's new messages, or of a forum that may send links only its line, with no item."""

    place: Place
    tier: Tier
    item: Item | None
    detail: Detail
    may_answer: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """In order. `counts`: new messages by forum, shown or not. `more`: threads for which there was no room."""

    reader: Reader
    picks: tuple[Pick, ...]
    counts: dict[int, int]
    more: int

    @property
    def messages(self) -> int:
        return sum(self.counts.values())

    def print(self) -> str:
        """A fingerprint of all that the message is made of: when it is another, the message must be made again (M13)."""
        picks = [(p.place.title, p.tier, p.item.print if p.item else b"", p.detail, p.may_answer) for p in self.picks]
        all_of_it = (self.reader.content, self.reader.called, picks, sorted(self.counts.items()), self.more)
        return hashlib.sha256(repr(all_of_it).encode("utf-8", "replace")).hexdigest()


def choose(conn: Connection, seen: Window, readers: Sequence[Reader]) -> list[Choice]:
    """A choice for each reader, in their order, perhaps an empty one. Four statements, however many readers."""
    known = known_of(conn, [reader.id for reader in readers], seen.since)
    return [_Chooser(seen, reader, known[reader.id]).choice() if reader.id in known else Choice(reader, (), {}, 0) for reader in readers]


class _Chooser:
    """For one reader."""

    def __init__(self, seen: Window, reader: Reader, known: Known) -> None:
        self._seen, self._reader, self._known = seen, reader, known
        self._shelf: Shelf = seen.shelf(reader.slot)
        self._afters = {} if reader.is_away else self._begins()
        self._lines: set[int] = set()
        """Forums of which no more than a line is in the mail."""

    def choice(self) -> Choice:
        own = {thread: self._new(subject) for thread, subject in self._touched()}
        threads, messages = self._counted(own)
        if not any(threads.values()):
            return Choice(self._reader, (), {}, 0)
        picks = self._picked(merge(sorted(self._ranked(own)), self._others(own)))
        shown = sum(pick.item is not None for pick in picks) + sum(threads[place] for place in self._lines)
        counts = {place: number for place, number in messages.items() if number}
        return Choice(self._reader, tuple(picks), counts, sum(threads.values()) - shown)

    def _begins(self) -> Afters:
        """Where they read at all, after what counts: what was there before they had access is none of it."""
        reader, levels, found = self._reader, self._known.levels, {}
        for place, access in self._known.reach.items():
            level = levels.get(place)
            since = reader.since if level is None else reader.weekly_since if level is Level.WEEKLY else None
            if since is not None:
                found[place] = max(since, reader.read_before, access.since - _INSTANT)
        return found

    # Threads that are not to them what they are to others

    def _touched(self) -> Iterator[tuple[int, Subject]]:
        known, subjects = self._known, self._seen.subjects
        threads = {*known.read, *known.took_part, *known.named, *self._seen.written.get(self._reader.id, ())}
        threads.update(thread for thread in map(self._seen.thread_of.get, known.mailed) if thread is not None)
        for thread in threads:
            subject = subjects.get(thread)
            if subject is not None and subject.place.id in self._afters:
                yield thread, subject

    def _new(self, subject: Subject) -> Item | None:
        """What is new to them: not their own, not read on the site, not mailed by itself."""
        reader, mailed, after = self._reader, self._known.mailed, self._afters[subject.place.id]
        read, until = self._known.read.get(subject.id, -1), reader.slot
        by_them, named = subject.author_id == reader.id, subject.id in self._known.named
        if not sees(self._known.reach, subject.place.id, subject.marking, by_them=by_them, named=named):
            return None
        found = [m for m in subject.messages if m.position > read and m.author_id != reader.id and after < m.at <= until]
        if mailed:
            found = [m for m in found if m.id not in mailed]
        return self._seen.item(subject, found) if found else None

    def _ranked(self, own: dict[int, Item | None]) -> Iterator[Found]:
        took_part = self._known.took_part
        for thread, item in own.items():
            if item is not None:
                is_theirs = thread in took_part or item.subject.author_id == self._reader.id
                yield rank(item.subject.facts(item.newest), is_theirs), item

    # All others

    def _others(self, own: dict[int, Item | None]) -> Iterator[Found]:
        """In order, and only as far as somebody asks."""
        afters, until = self._afters, self._reader.slot
        lowest = min(afters.values())
        for run in self._shelf.runs:
            for entry in run:
                if entry.newest <= lowest:
                    break
                subject = entry.subject
                after = afters.get(subject.place.id)
                if after is not None and entry.newest > after and subject.id not in own and subject.place.id not in self._lines:
                    yield entry.rank, self._seen.item(subject, _between(subject, after, until))

    def _counted(self, own: dict[int, Item | None]) -> tuple[dict[int, int], dict[int, int]]:
        """Threads with something new and new messages, by forum: what they are for everyone, and the difference their own make."""
        threads, messages, until = {}, {}, self._reader.slot
        for place, after in self._afters.items():
            threads[place], messages[place] = self._shelf.count(place, after)
        for thread, item in own.items():
            subject = self._seen.subjects[thread]
            place = subject.place.id
            if subject.marking < Marking.RED and (before := len(_between(subject, self._afters[place], until))):
                threads[place] -= 1
                messages[place] -= before
            if item is not None:
                threads[place] += 1
                messages[place] += len(item.messages)
        return threads, messages

    # What there is room for

    def _picked(self, ranked: Iterator[Found]) -> list[Pick]:
        """The first twelve. A forum that may send links only has one line for all of its threads."""
        picks: list[Pick] = []
        for order, item in ranked:
            place = item.subject.place
            if len(picks) == MOST_ITEMS:
                break
            detail = strictest(self._reader.content, place.most)
            if detail is not Detail.LINKS:
                picks.append(Pick(place, Tier(order[0]), item, detail, self._answers(item)))
            elif place.id not in self._lines:
                self._lines.add(place.id)
                picks.append(Pick(place, Tier.REST, None, detail))
        return picks

    def _answers(self, item: Item) -> bool:
        subject, right = item.subject, self._known.reach[item.subject.place.id].right
        return subject.marking.may_be_mailed and may_answer(right, may_write=self._reader.may_write, locked=subject.is_locked)


def _between(subject: Subject, after: dt.datetime, until: dt.datetime) -> list[Message]:
    return [message for message in subject.messages if after < message.at <= until]
