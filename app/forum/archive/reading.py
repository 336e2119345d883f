"""Reads an archive: first what each message's header says, kept small, so that all of them fit into memory; later one whole at a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from app.forum.archive import bodies, headers
from app.forum.archive.files import Files, Place
from app.forum.archive.headers import Author
from app.forum.archive.threading import Head

TAG_SHARE, TAG_LEAST = 0.2, 3  # a tag that stands in so many subjects is the list's own


class Unreadable(NamedTuple):
    """A message that can't be taken: in which file, at which line, and why."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class Archive:
    """Every message's head. Ids are numbered: `keys[number]` is the hash of one."""

    heads: list[Head] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of authors; a head says which
    unreadable: list[Unreadable] = field(default_factory=list)
    tags: frozenset[str] = frozenset()


class Letter(NamedTuple):
    """A message as it is written into a thread."""

    author: Author
    title: str
    text: str


def letter(files: Files, place: Place, tags: frozenset[str]) -> Letter:
    raw = files.read(place)
    found = headers.fields(headers.split(raw)[0])
    return Letter(headers.author(found), headers.title(found.get("subject", ""), tags), bodies.text(raw))


def read(files: Files, now: dt.datetime) -> Archive:
    """NotAnArchive where one of the files is none. A message whose date can't be right has that of the one before it, or after."""
    reader = _Reader(files, int(now.timestamp()))
    for number, path in enumerate(files.paths):
        reader.take(number)
        if number in files.cut_off:
            reader.archive.unreadable.append(Unreadable(path.name, 0, "the packed file is cut off; what came before that is taken"))
    return reader.done()


class _Reader:
    def __init__(self, files: Files, now: int) -> None:
        self.files, self.now, self.archive = files, now, Archive()
        self._numbers: dict[bytes, int] = {}
        self._addresses: dict[str, int] = {}
        self._tags: Counter[str] = Counter()

    def take(self, number: int) -> None:
        began = len(self.archive.heads)
        for place in self.files.places(number):
            head = self._head(place)
            if head is not None:
                self.archive.heads.append(head)
        self._date(self.archive.heads[began:], number)

    def done(self) -> Archive:
        archive = self.archive
        archive.keys, archive.addresses = list(self._numbers), list(self._addresses)
        self._order()
        least = max(TAG_LEAST, TAG_SHARE * len(archive.heads))
        archive.tags = frozenset(tag for tag, count in self._tags.items() if count >= least)
        return archive

    def _order(self) -> None:
        """The files one after the other, each as it is, by when they begin: in whatever order they were named."""
        begin: dict[int, int] = {}
        for head in self.archive.heads:
            begin[head.place.file] = min(head.date, begin.get(head.place.file, head.date))
        self.archive.heads.sort(key=lambda head: (begin[head.place.file], self.files.paths[head.place.file].name, head.place))
        for order, head in enumerate(self.archive.heads):
            head.order = order

    def _head(self, place: Place) -> Head | None:
        raw = self.files.read(place._replace(size=min(place.size, headers.MOST_HEADER)))
        header, _ = headers.split(raw)
        found = headers.fields(header)
        if not found.keys() & {"from", "date", "subject", "message-id"}:
            self.archive.unreadable.append(Unreadable(self.files.paths[place.file].name, place.line, "has no header"))
            return None
        about = headers.subject(found.get("subject", ""))
        self._tags.update(about.tags)
        address = headers.author(found).address
        return Head(
            place=place,
            number=self._number(self._key(place, found)),
            answers=tuple(self._number(headers.key_of("id", one)) for one in headers.answered_ids(found)),
            subject=int.from_bytes(headers.key_of("subject", about.words)[:8], "big") if about.words else 0,
            is_reply=about.is_reply,
            date=headers.moment(found.get("date", ""), self.now) or 0,
            author=self._addresses.setdefault(address, len(self._addresses)),
        )

    def _key(self, place: Place, found: dict[str, str]) -> bytes:
        if own := headers.own_id(found):
            return headers.key_of("id", own)
        said = [" ".join(found.get(name, "").split()) for name in ("from", "date", "subject")]
        body = headers.split(self.files.read(place))[1]
        return headers.key_of("said", *said, b"\n".join(line.rstrip() for line in body.strip().splitlines()))

    def _number(self, key: bytes) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _date(self, heads: list[Head], number: int) -> None:
        """Fill in the dates that are missing: from the neighbour before, at the file's beginning from the first that has one."""
        known = next((head.date for head in heads if head.date), 0)
        last = known or min(self.now, int(self.files.paths[number].stat().st_mtime))
        for head in heads:
            head.date = last = head.date or last
