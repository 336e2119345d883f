"""Why a message was not posted, in the words that its sender reads on the site."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Why(enum.StrEnum):
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    AUTOMATIC = "automatic"
    NOT_THE_MEMBER = "not_the_member"
    UNPROVEN = "unproven"
    NOT_TO_US = "not_to_us"
    EXPIRED = "expired"
    NOT_ALLOWED = "not_allowed"
    LOCKED = "locked"
    TOO_MANY = "too_many"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    NAMED = "named"
    THROWN_AWAY = "thrown_away"


WORDS = {
    Why.UNREADABLE: "The message could not be read.",
    Why.TOO_LARGE: "The message is too large or has too many parts.",
    Why.AUTOMATIC: "It is an automatic answer, and those are not posted.",
    Why.NOT_THE_MEMBER: "It did not come from an address that you have confirmed here.",
    Why.UNPROVEN: "Your mail server did not prove that it came from you.",
    Why.NOT_TO_US: "It was not addressed to the forum, so it may have been meant for one person alone.",
    Why.EXPIRED: "The address that it was sent to is older than 30 days.",
    Why.NOT_ALLOWED: "You can't post there.",
    Why.LOCKED: "The thread is locked: nobody can reply to it now.",
    Why.TOO_MANY: "More than 20 messages came from you within an hour.",
    Why.EMPTY: "There are no words of your own in it.",
    Why.TOO_LONG: "It is longer than a message can be.",
    Why.NAMED: "You write there without your name, and your name or address stands in it. Post it on the site, without.",
    Why.THROWN_AWAY: "You threw it away.",
}


def words_of(reason: str) -> str:
    """Of the key that a message's row holds, or of none."""
    return WORDS[Why(reason)] if reason else ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who proved to have written a message, and from which confirmed address."""

    member_id: int
    address: str


class NotTaken(Exception):
    """The message is not posted. `author`: known only where they have proven who they are, and then they may be answered by mail."""

    def __init__(self, why: Why, author: Author | None = None) -> None:
        super().__init__(why)
        self.why, self.author = why, author
