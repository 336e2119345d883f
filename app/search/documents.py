"""From a message to its row in the index, and what the numbers and tags there mean."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.attachments import access as attachments
from app.core.kept import Kept
from app.forum.attached.access import MESSAGE
from app.forum.markings import Marking
from app.forum.models import FROM_ARCHIVE
from app.forum.searching import access as forum
from app.search.words import MOST_WORDS, words

_FILE = 1 << 31
_DAY = 1 << 32
_EPOCH = dt.date(1970, 1, 1)
PRACTICE = ("problem", "what_we_did", "outcome", "staffing", "again_why")
_states: Kept[tuple[int, int], str] = Kept(20_000)


def first_of(day: dt.date) -> int:
    """The lowest id that a message of this day (in UTC) can have."""
    return of_day(max((day - _EPOCH).days, 0))


def of_day(number: int) -> int:
    """The same of a day as `day_of` counts it."""
    return number * _DAY


def id_of(at: dt.datetime, own: int, *, is_file: bool = False) -> int:
    return first_of(at.astimezone(dt.UTC).date()) + (_FILE if is_file else 0) + own


def day_of(doc_id: int) -> int:
    """Of its message, in UTC, counted from 1970 on."""
    return doc_id // _DAY


def day_number(at: dt.datetime) -> int:
    """The same of a moment."""
    return (at.astimezone(dt.UTC).date() - _EPOCH).days


def is_file(doc_id: int) -> bool:
    return bool(doc_id & _FILE)


def own_id(doc_id: int) -> int:
    """The message's id, or the file's."""
    return doc_id & (_FILE - 1)


def scope_of(thread_id: int, forum_id: int, marking: int) -> int:
    return -thread_id if marking == Marking.RED else forum_id


def scope_tag(scope: int) -> str:
    return f"f{scope}" if scope > 0 else f"r{-scope}"


# Tags: one letter says of what; words are kept in another column, or under another mark, and can't be taken for one.
KIND, AUTHOR, AGENCY, STATE, SUBJECT, WRITER, HAS_FILE = "k", "a", "g", "s", "t", "n", "hasfile"
# PostgreSQL's index alone is asked for days: in blocks of 512, of 64 and of 8, and one by one.
SPANS = (("i", 512), ("h", 64), ("e", 8), ("d", 1))


def of_reply(session: Session, thread: Any, message: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a reply that was just written, from what is known of it."""
    by = message["by"]
    subjects = thread.subjects.split(",") if thread.subjects else []
    tags = [*_of_thread(thread, subjects), *_of_author(by, states_of(session, [by.author_agency_id]))]
    return _row(
        session, id_of(message["at"], message["id"]), message["id"], scope_of(thread.id, thread.forum_id, thread.marking),
        (tags + [HAS_FILE] * message["files"], None, words(message["body"])),
    )  # fmt: skip


def of_messages(session: Session, reply_ids: Iterable[int]) -> list[dict[str, Any]]:
    """The rows of these messages and of their files; hidden ones have none."""
    rows = forum.written(session, json.dumps(list(reply_ids)))
    subjects: dict[int, list[int]] = {}
    tagged_threads = sorted({row.thread_id for row in rows if row.kind != "notice"})
    for tagged in forum.subjects_of_threads(session, json.dumps(tagged_threads)) if tagged_threads else ():
        subjects.setdefault(tagged.thread_id, []).append(tagged.subject_id)
    states = states_of(session, {row.author_agency_id for row in rows})
    files: dict[int, list[Any]] = {}
    for file in attachments.texts_of(session.connection(), MESSAGE, [row.id for row in rows if row.files]):
        files.setdefault(file.owner_id, []).append(file)
    found = []
    for row in rows:
        tags = [*_of_thread(row, subjects.get(row.thread_id, [])), *_of_author(row, states)] + [HAS_FILE] * bool(row.files)
        scope = scope_of(row.thread_id, row.forum_id, row.marking)
        found.append(_row(session, id_of(row.created_at, row.id), row.id, scope, (tags, *_texts(row))))
        for file in files.get(row.id, ()):
            there = (tags, None, words(f"{file.name}\n{file.text}"))
            found.append(_row(session, id_of(row.created_at, file.id, is_file=True), row.id, scope, there))
    return found


def _texts(row: Any) -> tuple[list[str] | None, list[str]]:
    """An opening message has its thread's title, and a lesson's record is a part of it."""
    if row.position > 0:
        return None, words(row.body)
    record = [text for name in PRACTICE if (text := getattr(row, name))]
    return words(row.title), words("\n".join([row.body, *record]))


def _of_thread(thread: Any, subjects: Iterable[int | str]) -> list[str]:
    return [KIND + str(thread.kind), *[f"{SUBJECT}{subject}" for subject in subjects]]


def _of_author(row: Any, states: Mapping[int, str]) -> list[str]:
    """Nothing of a masked message; of an old list's the name that stood there."""
    if row.mask:
        return []
    if row.author_class == FROM_ARCHIVE:
        return [WRITER + word for word in dict.fromkeys(words(row.author_agency))]
    tags = [f"{AUTHOR}{row.author_id}"]
    if row.author_agency_id is not None:
        tags += [f"{AGENCY}{row.author_agency_id}", STATE + states.get(row.author_agency_id, "").lower()]
    return tags


def states_of(session: Session, agency_ids: Iterable[int | None]) -> Mapping[int, str]:
    """The states of these agencies, which hardly ever change; a search asks again."""
    database = session.connection().get_execution_options().get("database", 0)
    wanted = {one: _states.get((database, one)) for one in agency_ids if one is not None}
    missing = [one for one, state in wanted.items() if state is None]
    if missing:
        for row in agencies.states_by_id(session, missing):
            _states.put((database, row.id), row.state)
            wanted[row.id] = row.state
    return {one: state for one, state in wanted.items() if state is not None}


def _row(session: Session, doc_id: int, reply_id: int, scope: int, said: tuple[list[str], list[str] | None, list[str]]) -> dict[str, Any]:
    tags, title, text = said
    tags = [scope_tag(scope), *tags]
    row: dict[str, Any] = {"id": doc_id, "reply_id": reply_id, "scope": scope, "tags": " ".join(tags)}
    if session.get_bind().dialect.name == "sqlite":
        return {**row, "title": None if title is None else " ".join(title), "words": " ".join(text)}
    # After a gap, so that no phrase goes from the title into the text.
    places = _places([*(title or []), *[""] * bool(title), *text])
    day = day_of(doc_id)
    marks = " ".join(f"'~{tag}'" for tag in (*tags, *[f"{letter}{day // days}" for letter, days in SPANS]))
    return {**row, "title": None if title is None else _places(title), "words": f"{places} {marks}"}


def _places(text: list[str]) -> str:
    """As PostgreSQL reads a tsvector: 'camera':3,8 'polici':4."""
    at: dict[str, list[str]] = {}
    for place, word in enumerate(text[:MOST_WORDS], 1):
        if word:
            at.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(places)}" for word, places in at.items())
