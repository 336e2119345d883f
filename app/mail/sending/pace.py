"""How fast one domain is sent to: so many at once, so many a minute, and not at all for a while when its server asks for that. A large
agency's digests wait for their turn, and nobody else waits for them."""

from __future__ import annotations

import datetime as dt
from collections import Counter

AT_ONCE, A_MINUTE = 2, 1200
MINUTE = dt.timedelta(minutes=1)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


class Pace:
    """What one worker keeps of each domain. A minute's worth may go at once; after that, as many as `a_minute` allows."""

    def __init__(self, at_once: int = AT_ONCE, a_minute: int = A_MINUTE) -> None:
        self._at_once, self._step = at_once, MINUTE / a_minute
        self._in_hand: Counter[str] = Counter()
        self._spent: dict[str, dt.datetime] = {}  # up to when what has gone uses up the domain's share
        self._promised: dict[str, dt.datetime] = {}  # the last turn that was given to one that waits
        self._rests: dict[str, dt.datetime] = {}

    def turn(self, domain: str, now: dt.datetime) -> dt.datetime | None:
        """None: it may go now, and is counted. Otherwise when it may."""
        if (until := self.resting(domain, now)) is not None:
            return until
        spent = max(self._spent.get(domain, now), now)
        if spent - now <= MINUTE - self._step:
            self._spent[domain] = spent + self._step
            return None
        turn = max(self._promised.get(domain, now), spent - MINUTE) + self._step
        self._promised[domain] = turn
        return turn

    def rest(self, domain: str, until: dt.datetime) -> None:
        self._rests[domain] = until

    def resting(self, domain: str, now: dt.datetime) -> dt.datetime | None:
        """Until when the domain is left alone."""
        until = self._rests.get(domain)
        return until if until is not None and until > now else None

    def has_room(self, domain: str, now: dt.datetime) -> bool:
        """Whether one more may be under way to it."""
        return self._in_hand[domain] < self._at_once and self.resting(domain, now) is None

    def take(self, domain: str) -> None:
        self._in_hand[domain] += 1

    def give(self, domain: str) -> None:
        self._in_hand[domain] -= 1
        if not self._in_hand[domain]:
            del self._in_hand[domain]
