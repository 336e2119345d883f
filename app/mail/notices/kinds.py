"""The kinds of things that members are told. A kind that is not here can't be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.access import Actor, Right


@dataclass(frozen=True, slots=True)
class Kind:
    """`number` is in stop links and never changes. A fixed kind can't be switched off. `of`: only who has this right is told of it."""

    name: str
    number: int
    label: str
    hint: str
    fixed: bool = False
    of: Right | None = None


REPLY = Kind("reply", 1, "Replies to my threads", "When somebody answers in a thread that you opened.")
WATCHED = Kind("watched", 2, "Threads I watch", "When something new is written in them.")
INBOUND = Kind(
    "inbound", 3, "Mail I sent to the forums", "When it waits for your word, could not be posted, or was read for the audit.", fixed=True
)
APPLICATION = Kind("application", 4, "Applications", "What waits for you as a reviewer.", of=Right.REVIEW)
ANSWER = Kind("answer", 6, "Accepted answers", "When a reply of yours is accepted as the answer to a question.")
BOOKMARK = Kind("bookmark", 7, "Reminders of bookmarks", "On the day that you asked for.")
FLAG = Kind("flag", 8, "Reports", "What becomes of yours, and what waits for you as a moderator.")
LESSON = Kind("lesson", 10, "My lessons", "When one is to be looked at again, and how it went a year after my agency adopted one.")
ASKED = Kind("asked", 12, "Questions for me", "When a question goes to me, as I agreed in my profile: two a week at the most.")
OUTCOME = Kind("outcome", 13, "What came of my questions", "Two weeks after I asked, once.")
MENTION = Kind("mention", 15, "Mentions", "When somebody names you in a message, with an @.")
QUOTE = Kind("quote", 16, "Quotes", "When somebody quotes what you wrote.")
SEARCH = Kind("search", 11, "Searches that I keep", "When one finds something new, and you asked for it at once.")
SECURITY = Kind("security", 5, "Security and account", "Sign-ins, addresses, your membership.", fixed=True)

_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Called at start-up, also by packages that bring kinds of their own."""
    for kind in kinds:
        _kinds[kind.name] = kind


register(REPLY, WATCHED, MENTION, QUOTE, ANSWER, ASKED, OUTCOME, LESSON, BOOKMARK, SEARCH, FLAG, INBOUND, APPLICATION, SECURITY)


def known(actor: Actor) -> list[Kind]:
    """The kinds that this member may be told of."""
    return [kind for kind in _kinds.values() if kind.of is None or actor.may(kind.of)]


def named(name: str) -> Kind:
    """The kind; KeyError for one that nobody registered."""
    return _kinds[name]


def numbered(number: int) -> Kind | None:
    return next((kind for kind in _kinds.values() if kind.number == number), None)


def bits_of(numbers: Iterable[int]) -> int:
    """Several kinds as one number."""
    return sum(1 << number for number in set(numbers))


def in_bits(bits: int) -> list[Kind]:
    return [kind for kind in _kinds.values() if bits >> kind.number & 1]
