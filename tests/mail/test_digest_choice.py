"""The quick way to choose finds what the plain way would, whatever members did and whoever they are."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.forum.crowd.access import Access
from app.forum.markings import Marking
from app.mail.digest.choose import MOST_ITEMS, _Chooser
from app.mail.digest.known import MUTED, Known
from app.mail.digest.rank import Rank, rank
from app.mail.digest.readers import Reader
from app.mail.digest.window import Message, Place, Subject, Window
from app.mail.models import Detail, Level

SLOT = dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ME = 1


def _window(chance: random.Random) -> Window:
    seen = Window(SLOT - 200 * HOUR, SLOT + HOUR)
    seen.places = {n: Place(n, f"f{n}", f"Forum {n}", chance.choice([Detail.FULL, Detail.FULL, Detail.LINKS])) for n in range(1, 5)}
    number = 0
    for thread in range(1, chance.randint(1, 40)):
        kind, marking = chance.choice(["lesson", "question", "notice", "discussion"]), chance.choice([*Marking, Marking.GREEN])
        author, agencies, first = chance.randint(1, 4), chance.randint(0, 4), chance.randint(0, 2)
        subject = Subject(
            thread, seen.places[chance.randint(1, 4)], kind, f"T{thread}", marking, author, "By", 1, chance.randint(0, 5), False, agencies
        )
        times = sorted(SLOT - chance.randint(-1, 199) * HOUR for _ in range(chance.randint(1, 5)))
        for position, at in enumerate(times, first):
            number += 1
            subject.messages.append(Message(number, position, chance.randint(1, 4), 1, at))
            seen.thread_of[number] = thread
            seen.wrote.setdefault(subject.messages[-1].author_id, set()).add(thread)
        seen.add(subject)
    return seen


def _known(seen: Window, chance: random.Random) -> Known:
    threads, messages = sorted(seen.subjects), sorted(seen.thread_of)
    some = lambda of: {one for one in of if chance.random() < 0.2}  # noqa: E731
    known = Known({n: Access(2, SLOT - chance.choice([5, 300]) * HOUR) for n in range(1, 5) if chance.random() < 0.8})
    known.levels = {n: chance.choice([Level.NONE, Level.WEEKLY, Level.DAILY]) for n in range(1, 5) if chance.random() < 0.3}
    known.read = {thread: chance.choice([0, 1, 2, MUTED]) for thread in some(threads)}
    known.mailed, known.named = some(messages), some(threads)
    return known


def _reader(chance: random.Random) -> Reader:
    content, weekly = chance.choice([Detail.FULL, Detail.HEADLINES, Detail.LINKS]), chance.choice([None, SLOT - 168 * HOUR])
    before, of_class = SLOT - chance.choice([10, 300]) * HOUR, chance.choice([SLOT - 24 * HOUR, SLOT - 24 * HOUR, weekly, None])
    return Reader(ME, "a@b.example", "Me", content, 7, "UTC", 0, before, SLOT, SLOT - 24 * HOUR, weekly, None, False, True, False, of_class)


def _plainly(seen: Window, reader: Reader, known: Known) -> list[tuple[Rank, int, list[int]]]:
    """(rank, thread, messages) of all that is new to them, one by one."""
    found: Any = []
    for subject in seen.subjects.values():
        place, thread = subject.place.id, subject.id
        level = known.levels.get(place)
        since = (
            reader.class_since
            if level is None
            else None
            if level == Level.NONE
            else reader.weekly_since
            if level == Level.WEEKLY
            else reader.since
        )
        if place not in known.reach or since is None:
            continue
        if subject.marking == Marking.RED and subject.author_id != ME and thread not in known.named:
            continue
        new = [
            m for m in subject.messages
            if m.author_id != ME and m.at > since and m.at > reader.read_before and m.at >= known.reach[place].since and m.at <= SLOT
            and m.position > known.read.get(thread, -1) and m.id not in known.mailed
        ]  # fmt: skip
        if new:
            mine = subject.author_id == ME or thread in seen.wrote.get(ME, set())
            found.append((rank(subject.facts(max(m.at for m in new)), mine), thread, [m.id for m in new]))
    return sorted(found)


@given(st.integers(0, 1 << 30))
@settings(max_examples=400, deadline=None)
def test_the_choice_is_what_one_by_one_it_would_be(seed: int) -> None:
    chance = random.Random(seed)
    seen = _window(chance)
    known, reader = _known(seen, chance), _reader(chance)
    choice, plain = _Chooser(seen, reader, known).choice(), _plainly(seen, reader, known)
    lines: list[int] = []
    expected: list[Any] = []
    for _, thread, messages in plain:
        place = seen.subjects[thread].place
        is_line = Detail.LINKS in (reader.content, place.most)
        if len(expected) < MOST_ITEMS and place.id not in lines:
            expected.append(place.id if is_line else (thread, messages))
            lines += [place.id] if is_line else []
    assert [(p.item.subject.id, [m.id for m in p.item.messages]) if p.item else p.place.id for p in choice.picks] == expected
    assert choice.messages == sum(len(messages) for _, _, messages in plain)
    in_lines = sum(seen.subjects[thread].place.id in lines for _, thread, _ in plain)
    assert choice.more == len(plain) - in_lines - (len(expected) - len(lines))
