"""The language of a search: words, "phrases", -without, and operators such as forum:patrol or before:2026-03. Read here, meant elsewhere.

Nothing is an error of syntax. What can't be meant is told beside the field, in words, and nothing is looked for then.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.search.words import STOP, words

LONGEST, MOST_PARTS = 500, 24
_PART = re.compile(r"""(-?)([A-Za-z]+):(?=\s|$)|(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]+))""")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_SIZE = re.compile(r"(?:(?P<op>[<>])=?)?(?P<a>\d{1,6})(?:(?P<plus>\+)|-(?P<b>\d{1,6}))?$")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")
KINDS = ("lesson", "question", "discussion", "notice")
MOST_SWORN = 1_000_000
Phrase = tuple[str, ...]

HELP: tuple[tuple[str, str], ...] = (
    ('"body worn"', "these words side by side"),
    ("-vehicle", "without this word"),
    ("from:okafor", "written by this member; from:me for your own"),
    ('agency:"alderwood pd"', "written from this agency"),
    ("state:CO", "from agencies of this state"),
    ("forum:patrol", "in this forum, by the last part of its address"),
    ("kind:lesson", "lesson, question, discussion or notice"),
    ("tag:cameras", "threads about this subject"),
    ("size:10-24", "from agencies with so many sworn; also size:<25 and size:100+"),
    ("before:2026-03-01", "written before this day; also a month or a year"),
    ("after:2026-03-01", "written on this day or later"),
    ("has:attachment", "messages with a file"),
    ("is:unanswered", "questions without an accepted answer"),
    ("is:unread", "what you have not read"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. Texts within one of the tuples are alternatives; the parts go together. `wrong`: what could not be meant."""

    wanted: tuple[Phrase, ...] = ()
    banned: tuple[Phrase, ...] = ()
    typed: tuple[str, ...] = ()  # the plain words, for names
    writers: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    agency_id: int | None = None
    states: tuple[str, ...] = ()
    forums: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sworn: tuple[int, int] | None = None
    before: dt.date | None = None
    after: dt.date | None = None
    has: frozenset[str] = frozenset()  # "attachment", "unanswered", "unread"
    wrong: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Asked(banned=self.banned, typed=self.typed, wrong=self.wrong)

    @property
    def is_about_messages(self) -> bool:
        """Whether something is asked that only a message can have."""
        return bool(self.writers or self.forums or self.kinds or self.tags or self.before or self.after or self.has or self.banned)

    @property
    def stems(self) -> frozenset[str]:
        """Every word that is looked for, for marking it."""
        return frozenset(word for phrase in self.wanted for word in phrase)


@dataclass(slots=True)
class _Read:
    wanted: list[Phrase] = field(default_factory=list)
    banned: list[Phrase] = field(default_factory=list)
    common: list[Phrase] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    operators: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(text: str) -> Asked:
    """What somebody typed."""
    if len(text) > LONGEST:
        return Asked(wrong=(f"This is longer than {LONGEST} characters. Use fewer words.",))
    parts = list(_PART.finditer(text.translate(_QUOTES)))
    if len(parts) > MOST_PARTS:
        return Asked(wrong=(f"These are more than {MOST_PARTS} words. Use fewer.",))
    found = _Read()
    for part in parts:
        _take(found, part)
    asked = Asked(tuple(dict.fromkeys(found.wanted or found.common)), tuple(dict.fromkeys(found.banned)), tuple(found.typed))
    for name, value in found.operators:
        asked = _with(asked, name, value, found.wrong)
    if not found.wrong and asked.is_empty and text.strip():
        found.wrong.append("A minus takes away from what other words find: add one." if asked.banned else "Type a word to look for.")
    return replace(asked, wrong=tuple(found.wrong))


def _take(found: _Read, part: re.Match[str]) -> None:
    lone_minus, lone, minus, name, quoted, bare = part.groups()
    if lone is not None:
        if lone.lower() in OPERATORS:
            found.wrong.append(f"{lone.lower()}: needs something after it.")
        else:
            _plain(found, bool(lone_minus), lone, is_phrase=False)
        return
    text = quoted if quoted is not None else bare
    if name is not None and name.lower() in OPERATORS:
        if minus:
            found.wrong.append(f"A minus goes before a word or a phrase, not before {name.lower()}:")
        else:
            found.operators.append((name.lower(), text.strip()))
        return
    _plain(found, bool(minus), f"{name} {text}" if name is not None else text, is_phrase=quoted is not None)


def _plain(found: _Read, minus: bool, text: str, *, is_phrase: bool) -> None:
    phrase = tuple(words(text))
    if not phrase:
        return
    if minus:
        found.banned.append(phrase)
        return
    found.typed.append(text)
    is_common = not is_phrase and len(phrase) == 1 and phrase[0] in STOP
    (found.common if is_common else found.wanted).append(phrase)


# Operators ------------------------------------------------------------------------------------------------------------------


def _with(asked: Asked, name: str, value: str, wrong: list[str]) -> Asked:
    if not value:
        wrong.append(f"{name}: needs something after it.")
        return asked
    try:
        return OPERATORS[name](asked, value)
    except ValueError as error:
        wrong.append(str(error))
        return asked


def _kind(asked: Asked, value: str) -> Asked:
    kind = value.lower().removesuffix("s")
    if kind not in KINDS:
        raise ValueError(f"kind: is {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    return replace(asked, kinds=(*asked.kinds, kind))


def _state(asked: Asked, value: str) -> Asked:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise ValueError("state: is two letters, such as state:CO.")
    return replace(asked, states=(*asked.states, value.upper()))


def _size(asked: Asked, value: str) -> Asked:
    found = _SIZE.match(value.replace(" ", ""))
    if found is None:
        raise ValueError("size: is how many sworn an agency has, such as size:10-24, size:<25 or size:100+.")
    number = int(found["a"])
    least, most = number, number
    if found["op"] == "<":
        least, most = 0, number if "=" in value else number - 1
    elif found["op"] == ">" or found["plus"]:
        least, most = (number + 1 if found["op"] and "=" not in value else number), MOST_SWORN
    elif found["b"]:
        least, most = number, int(found["b"])
    return replace(asked, sworn=narrowed(asked.sworn, least, most))


def narrowed(sworn: tuple[int, int] | None, least: int, most: int) -> tuple[int, int]:
    before = sworn or (0, MOST_SWORN)
    return max(before[0], least), min(before[1], most)


def day(text: str) -> dt.date:
    """A day, or the first of a month or a year; ValueError with a sentence."""
    found = _DAY.match(text)
    try:
        if found is None:
            raise ValueError
        return dt.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise ValueError(f"{text[:20]} is not a day: write it as 2026-03-01.") from None


def _before(asked: Asked, value: str) -> Asked:
    wanted = day(value)
    return replace(asked, before=min(asked.before or wanted, wanted))


def _after(asked: Asked, value: str) -> Asked:
    wanted = day(value)
    return replace(asked, after=max(asked.after or wanted, wanted))


def _has(asked: Asked, value: str) -> Asked:
    if value.lower() not in ("attachment", "attachments", "file"):
        raise ValueError("has: can be has:attachment.")
    return replace(asked, has=asked.has | {"attachment"})


def _is(asked: Asked, value: str) -> Asked:
    if value.lower() not in ("unanswered", "unread"):
        raise ValueError("is: can be is:unanswered or is:unread.")
    return replace(asked, has=asked.has | {value.lower()})


OPERATORS: dict[str, Callable[[Asked, str], Asked]] = {
    "from": lambda asked, value: replace(asked, writers=(*asked.writers, value)),
    "agency": lambda asked, value: replace(asked, agencies=(*asked.agencies, value)),
    "state": _state,
    "forum": lambda asked, value: replace(asked, forums=(*asked.forums, value.lower())),
    "kind": _kind,
    "tag": lambda asked, value: replace(asked, tags=(*asked.tags, value.lower())),
    "size": _size,
    "before": _before,
    "after": _after,
    "has": _has,
    "is": _is,
}
