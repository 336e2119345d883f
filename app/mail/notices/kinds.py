"""The kinds of things that members are told. A kind that is not here can't be told; those of answers, mentions and quotes are registered
when these come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`number` is in stop links and never changes. A fixed kind can't be switched off."""

    name: str
    number: int
    label: str
    hint: str
    fixed: bool = False


REPLY = Kind("reply", 1, "Replies to my threads", "When somebody answers in a thread that you opened.")
WATCHED = Kind("watched", 2, "Threads I watch", "When something new is written in them.")
INBOUND = Kind("inbound", 3, "Mail I sent to the forums", "When it waits for your word, or could not be posted.", fixed=True)
APPLICATION = Kind("application", 4, "Applications", "What becomes of yours, and what waits for you as a reviewer.")
ANSWER = Kind("answer", 6, "Accepted answers", "When a reply of yours is accepted as the answer to a question.")
LESSON = Kind("lesson", 10, "My lessons", "When one is to be looked at again, and how it went a year after my agency adopted one.")
SECURITY = Kind("security", 5, "Security and account", "Sign-ins, addresses, your membership.", fixed=True)

_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Called at start-up, also by packages that bring kinds of their own."""
    for kind in kinds:
        _kinds[kind.name] = kind


register(REPLY, WATCHED, ANSWER, LESSON, INBOUND, APPLICATION, SECURITY)


def known() -> list[Kind]:
    return list(_kinds.values())


def named(name: str) -> Kind:
    """The kind; KeyError for one that nobody registered."""
    return _kinds[name]


def numbered(number: int) -> Kind | None:
    return next((kind for kind in _kinds.values() if kind.number == number), None)
