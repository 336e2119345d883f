"""What goes into each reader's digest: the twelve things they would want first, and how much more there is.

Most of a period is the same for everyone who reads a forum, so it is ranked and counted once for all (`Shelf`). Of each reader only those
threads are looked at by themselves in which something is their own: what they wrote, read, muted, were mailed, or are named for.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from heapq import merge

from sqlalchemy import Connection

from app.forum.crowd.access import may_answer, sees
from app.forum.markings import Marking
from app.mail.digest.finds import Find, finds_of
from app.mail.digest.known import Known, known_of
from app.mail.digest.rank import Rank, Tier
from app.mail.digest.readers import Reader
from app.mail.digest.window import Item, Place, Shelf, Subject, Window
from app.mail.models import Detail, Level, strictest

MOST_ITEMS = 12
_strictest = cache(strictest)
_INSTANT = dt.timedelta(microseconds=1)

Found = tuple[Rank, Item]
Afters = dict[int, dt.datetime]
"""By forum, after which moment messages count."""


@dataclass(slots=True)
class Pick:
    """One thing in the mail: a thread's new messages, or of a forum that may send links only its line, with no item."""

    place: Place
    tier: Tier
    item: Item | None
    detail: Detail
    may_answer: bool = False

    @property
    def print(self) -> bytes:
        return self.item.print if self.item else self.place.title.encode("utf-8", "replace")


@dataclass(slots=True)
class Choice:
    """In order. `counts`: new messages by forum, shown or not. `more`: threads for which there was no room. `since`: after which moment
    messages count, the earliest of the forums that there is anything from."""

    reader: Reader
    picks: tuple[Pick, ...]
    counts: dict[int, int]
    more: int
    since: dt.datetime
    finds: tuple[Find, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.picks and not self.finds

    @property
    def messages(self) -> int:
        return sum(self.counts.values())

    def print(self) -> str:
        """A fingerprint of all that the message is made of: when it is another, the message must be made again (M13)."""
        totals = (self.messages, len(self.counts), self.more, self.reader.serial)  # with the old serial its stop link would be worthless
        said = [self.reader.content.encode(), self.reader.called.encode("utf-8", "replace"), b"%d %d %d %d" % totals]
        for pick in self.picks:
            said += (b"%d %d %d" % (pick.tier, pick.may_answer, self.counts[pick.place.id]), pick.detail.encode(), pick.print)
        said += [find.print for find in self.finds]
        return hashlib.sha256(b"\0".join(said)).hexdigest()


def choose(conn: Connection, seen: Window, readers: Sequence[Reader]) -> list[Choice]:
    """A choice for each reader, in their order, perhaps an empty one. Four statements, however many readers, and one a slot for what
    saved searches found."""
    all_daily = all(reader.class_since == reader.since for reader in readers)
    known = known_of(conn, [reader.id for reader in readers], seen.since, all_daily)
    choices = [
        _Chooser(seen, reader, known[reader.id]).choice() if reader.id in known else Choice(reader, (), {}, 0, reader.since)
        for reader in readers
    ]
    finds = finds_of(conn, [reader for reader in readers if reader.id in known], {choice.reader.id: _threads(choice) for choice in choices})
    for choice in choices:
        choice.finds = finds.get(choice.reader.id, ())
    return choices


def _threads(choice: Choice) -> set[int]:
    return {pick.item.subject.id for pick in choice.picks if pick.item is not None}


class _Chooser:
    """For one reader."""

    def __init__(self, seen: Window, reader: Reader, known: Known) -> None:
        self._seen, self._reader, self._known = seen, reader, known
        self._shelf: Shelf = seen.shelf(reader.slot)
        self._wrote: Set[int] = seen.wrote.get(reader.id, frozenset())
        self._afters = {} if reader.is_away else self._begins()
        self._lines: set[int] = set()
        """Forums of which no more than a line is in the mail."""

    def choice(self) -> Choice:
        threads, messages = self._for_everyone()
        own = self._own(threads, messages)
        if not any(threads.values()):
            return Choice(self._reader, (), {}, 0, self._reader.since)
        picks = self._picked(merge(sorted(self._ranked(own)), self._others(own)))
        shown = sum(pick.item is not None for pick in picks) + sum(threads[place] for place in self._lines)
        counts = {place: number for place, number in messages.items() if number}
        return Choice(self._reader, tuple(picks), counts, sum(threads.values()) - shown, self._since(counts))

    def _since(self, counts: dict[int, int]) -> dt.datetime:
        return min([self._reader.since, *(self._afters[place] for place in counts)])

    def _begins(self) -> Afters:
        """Where they read at all, after what counts: what was there before they had access is none of it."""
        reader, levels, found = self._reader, self._known.levels, {}
        daily = max(reader.since, reader.read_before)
        weekly = reader.weekly_since and max(reader.weekly_since, reader.read_before)
        of_class = reader.class_since and max(reader.class_since, reader.read_before)
        for place, access in self._known.reach.items():
            turn, level = reader.turns.get(place), levels.get(place)
            since = of_class if level is None else daily if level is Level.DAILY else weekly if level is Level.WEEKLY else None
            if turn is not None:  # it is of their own choosing, also where what is daily is not named
                begin = turn.begin(level or Level.DAILY, reader.slot, reader.since, reader.weekly_since)
                since = begin and max(begin, reader.read_before)
            if since is not None:
                found[place] = since if access.since <= since else access.since - _INSTANT
        return found

    def _for_everyone(self) -> tuple[dict[int, int], dict[int, int]]:
        """Threads with something new and new messages, by forum, as they are to whoever did nothing there."""
        threads, messages, shelf = {}, {}, self._shelf
        for place, after in self._afters.items():
            here = shelf.counts(after).get(place)
            if here is not None:
                threads[place], messages[place] = here
        return threads, messages

    # Threads that are not to them what they are to others

    def _own(self, threads: dict[int, int], messages: dict[int, int]) -> dict[int, Item | None]:
        """What is new to them in each of those, by thread; the counts are put right by the difference."""
        found: dict[int, Item | None] = {}
        subjects, afters, shelf = self._seen.subjects, self._afters, self._shelf
        for thread in self._touched():
            subject = subjects.get(thread)
            after = afters.get(subject.place.id) if subject is not None else None
            if subject is None or after is None:
                continue
            all_of_it, place = shelf.items(after)[subject], subject.place.id
            if all_of_it is None:
                continue
            item = found[thread] = self._new(subject, all_of_it)
            if subject.marking < Marking.RED:
                threads[place] -= 1
                messages[place] -= len(all_of_it.messages)
            if item is not None:
                threads[place] = threads.get(place, 0) + 1
                messages[place] = messages.get(place, 0) + len(item.messages)
        return found

    def _touched(self) -> set[int]:
        known = self._known
        threads = {*known.read, *known.named, *self._wrote}
        threads.update(thread for thread in map(self._seen.thread_of.get, known.mailed) if thread is not None)
        return threads

    def _new(self, subject: Subject, all_of_it: Item) -> Item | None:
        """What is new to them of it: not their own, not read on the site, not mailed by itself."""
        known, me, thread = self._known, self._reader.id, subject.id
        if not sees(known.reach, subject.place.id, subject.marking, by_them=subject.author_id == me, named=thread in known.named):
            return None
        read, mailed = known.read.get(thread, -1), known.mailed
        found = [m for m in all_of_it.messages if m.position > read and m.author_id != me and m.id not in mailed]
        if len(found) == len(all_of_it.messages):
            return all_of_it
        return self._seen.item(subject, found) if found else None

    def _ranked(self, own: dict[int, Item | None]) -> Iterator[Found]:
        for thread, item in own.items():
            if item is not None:
                yield item.ranks[thread in self._wrote], item

    # All others

    def _others(self, own: dict[int, Item | None]) -> Iterator[Found]:
        """In order, and only as far as somebody asks."""
        afters, lines, shelf = self._afters, self._lines, self._shelf
        lowest = min(afters.values())
        for run in shelf.runs:
            for entry in run:
                if entry.newest <= lowest:
                    break
                subject = entry.subject
                place = subject.place.id
                after = afters.get(place)
                if after is None or entry.newest <= after or subject.id in own or place in lines:
                    continue
                item = shelf.items(after)[subject]
                if item is not None:
                    yield entry.rank, item

    # What there is room for

    def _picked(self, ranked: Iterator[Found]) -> list[Pick]:
        """The first twelve. A forum that may send links only has one line for all of its threads."""
        picks: list[Pick] = []
        for order, item in ranked:
            place = item.subject.place
            if len(picks) == MOST_ITEMS:
                break
            detail = _strictest(self._reader.content, place.most)
            if detail is not Detail.LINKS:
                picks.append(Pick(place, order[0], item, detail, self._answers(item)))
            elif place.id not in self._lines:
                self._lines.add(place.id)
                picks.append(Pick(place, Tier.REST, None, detail))
        return picks

    def _answers(self, item: Item) -> bool:
        subject, right = item.subject, self._known.reach[item.subject.place.id].right
        return subject.marking.may_be_mailed and may_answer(right, may_write=self._reader.may_write, locked=subject.is_locked)
