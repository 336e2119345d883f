"""Names within two slips of the finger of another: Damerau's distance (a letter put in, left out, another, or two swapped).

All names are compared by two numbers first: how long they are, and which letters they hold. One slip changes at most two bits of the
second, so nearly all names are out before any is compared letter by letter. Some 16,000 names take about two milliseconds.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

_SEEN = {c: 1 << i for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789-")}
_AGAIN = {c: 1 << (len(_SEEN) + i) for i, c in enumerate("abcdefghilmnoprstuvwy")}  # a second time, of the letters that come often
_OTHER = 1 << 63


def letters(name: str) -> int:
    """Which letters a name holds, and which of them more than once: 64 bits."""
    found = 0
    for c in name:
        bit = _SEEN.get(c, _OTHER)
        found |= _AGAIN.get(c, 0) if found & bit else bit
    return found


def distance(one: str, two: str, most: int) -> int:
    """How many slips lie between two names; `most + 1` if there are more than `most`."""
    if abs(len(one) - len(two)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(last) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


class Names:
    """A list of names that is searched for near ones. Made of `packed` texts in a millisecond: it is kept by the process."""

    def __init__(self, names: list[str], held: array[int]) -> None:
        """Names by length, the shortest first, and the `letters` of each."""
        self._names, self._held = names, held
        self._starts: dict[int, int] = {}
        for at, name in enumerate(names):
            self._starts.setdefault(len(name), at)
        self._ends = dict(zip(self._starts, [*self._starts.values(), len(names)][1:], strict=True))

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        ordered = sorted(set(names), key=lambda name: (len(name), name))
        return cls(ordered, array("Q", map(letters, ordered)))

    @classmethod
    def unpacked(cls, names: str, held: bytes) -> Names:
        found = array("Q")
        found.frombytes(held)
        return cls(names.split("\n") if names else [], found)

    def packed(self) -> tuple[str, bytes]:
        return "\n".join(self._names), self._held.tobytes()

    def near(self, name: str, most: int) -> list[tuple[int, str]]:
        """(distance, name) of those within `most` slips, the nearest first; the name itself among them."""
        held, bits, found = letters(name), 2 * most, []
        for length in range(len(name) - most, len(name) + most + 1):
            start, end = self._starts.get(length, 0), self._ends.get(length, 0)
            alike = [at for at, other in enumerate(self._held[start:end], start) if (held ^ other).bit_count() <= bits]
            for at in alike:
                if (far := distance(name, self._names[at], most)) <= most:
                    found.append((far, self._names[at]))
        return sorted(found)
