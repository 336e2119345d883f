"""Which messages of an archive belong to one thread, and in which order. Pure: the same messages give the same threads, in whatever
order they come.

Messages that name each other (References, In-Reply-To) belong together, also by way of one that is missing. A thread that begins with a
reply whose beginning is not there joins the latest one of the same subject, if that was not silent for longer than WINDOW.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.forum.archive.files import Place

WINDOW = 30 * 24 * 3600


@dataclass(slots=True, eq=False)
class Head:
    """What is kept of each message. `number` stands for its id, `answers` for those it answers, the nearest last; `subject` is a hash
    (0: none), `date` seconds since 1970, and `order` its place among all."""

    place: Place
    number: int
    answers: tuple[int, ...]
    subject: int
    is_reply: bool
    date: int
    author: int
    order: int = 0


@dataclass(slots=True, eq=False)
class Group:
    """One thread's messages in their order. `known` are the numbers of all ids that belong to it, of missing messages too."""

    heads: list[Head]
    known: set[int] = field(default_factory=set)

    @property
    def first(self) -> Head:
        return self.heads[0]


@dataclass(slots=True)
class Sorted:
    """Threads by the date of their first message; `duplicates` counts messages that were there twice."""

    groups: list[Group]
    duplicates: int


def sort(heads: Sequence[Head], numbers: int) -> Sorted:
    """`numbers` is how many ids there are."""
    kept = _once(heads)
    roots = _joined(heads, numbers)
    groups: dict[int, Group] = {}
    for head in kept:
        groups.setdefault(roots[head.number], Group([])).heads.append(head)
    for number, root in enumerate(roots):
        if root in groups:
            groups[root].known.add(number)
    for group in groups.values():
        group.heads = _in_order(group.heads)
    by_date = sorted(groups.values(), key=lambda group: (group.first.date, group.first.order))
    return Sorted(_by_subject(by_date), len(heads) - len(kept))


def _once(heads: Iterable[Head]) -> list[Head]:
    """Each message once, as it stands first."""
    first: dict[int, Head] = {}
    for head in heads:
        if head.number not in first or head.order < first[head.number].order:
            first[head.number] = head
    return list(first.values())


def _joined(heads: Iterable[Head], count: int) -> list[int]:
    """For each number one that stands for all that belong together with it."""
    parent = list(range(count))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    for head in heads:
        for answered in head.answers:
            one, other = root(head.number), root(answered)
            parent[max(one, other)] = min(one, other)
    return [root(number) for number in range(count)]


def _in_order(heads: list[Head]) -> list[Head]:
    """By date and then as the archive has them, but nothing before what it answers: clocks of old mail go wrong."""
    if len(heads) == 1:
        return heads
    here = {head.number: head for head in heads}
    placed: dict[int, tuple[int, int, int]] = {}
    for head in sorted(heads, key=lambda head: head.order):  # where they answer each other in a ring, this is where it is cut
        chain: dict[int, Head] = {}
        at: Head | None = head
        while at is not None and at.number not in placed and at.number not in chain:
            chain[at.number] = at
            at = _answered(at, here)
        last = placed.get(at.number) if at is not None else None
        for one in reversed(chain.values()):
            own = (one.date, one.order, 0)
            last = placed[one.number] = own if last is None or own[:2] > last[:2] else (last[0], last[1], last[2] + 1)
    return sorted(heads, key=lambda head: (placed[head.number], head.order))


def _answered(head: Head, here: dict[int, Head]) -> Head | None:
    """The nearest message of the thread that this one answers."""
    return next((here[number] for number in reversed(head.answers) if number in here and number != head.number), None)


def _by_subject(groups: list[Group]) -> list[Group]:
    latest: dict[int, tuple[Group, int]] = {}
    found: list[Group] = []
    joined: set[int] = set()
    for group in groups:
        first, until = group.first, max(head.date for head in group.heads)
        before = latest.get(first.subject) if first.subject and first.is_reply else None
        if before is not None and first.date - before[1] <= WINDOW:
            target = before[0]
            target.heads += group.heads
            target.known |= group.known
            joined.add(id(target))
            latest[first.subject] = (target, max(before[1], until))
            continue
        found.append(group)
        if first.subject:
            latest[first.subject] = (group, until)
    for group in found:
        if id(group) in joined:
            group.heads = _in_order(group.heads)
    return found
