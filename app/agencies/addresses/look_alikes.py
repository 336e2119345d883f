"""Names made to be taken for another (V7): a slip of the finger away from a name that is registered or approved, spelt with letters
that look alike, under another ending, or with the other name inside. A flag says: call back a second time. It decides nothing.

What stands in the .gov registry or on an agency's record is never taken for a look-alike. How old a name is (another sign) can't be
seen from here: that takes asking outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from app.agencies.addresses import looks
from app.agencies.addresses.nearness import Names, distance
from app.agencies.addresses.registrable import registrable

MOST = 2  # slips between a name and its look-alike
SHORT = 6  # of two names as short as this and not under .gov, two slips make nearly every other name
LONG = 12  # a slip in a name as long as this is seen under another ending too
_DRESS = r"(?:mail|email|e-mail|webmail|login|secure|portal|online|web|my|us|usa)"
_DRESSED = re.compile(rf"^(?:{_DRESS}-|gov-)+|(?:-{_DRESS}|-?gov)+$")


class Finding(NamedTuple):
    """For which name another may be taken, if for one that is known, and why, to be said after the name: "looks like"."""

    other: str
    how: str


@dataclass(frozen=True, slots=True)
class Record:
    """The mail domains on agencies' records: few, and kept as they are."""

    names: tuple[str, ...]
    by_skeleton: dict[str, str]

    @classmethod
    def of(cls, hosts: Iterable[str]) -> Record:
        parts = sorted({registrable(host) for host in hosts})
        return cls(tuple(part.name for part in parts), {looks.skeleton(part.label): part.name for part in parts})

    def like(self, host: str, skeletons: Iterable[str]) -> str:
        """The name that looks like one of these, or that stands whole inside the host."""
        alike = (self.by_skeleton[one] for one in sorted(skeletons) if one in self.by_skeleton)
        inside = (name for name in self.names if f".{name}." in f".{host}")
        return next(chain(alike, inside), "")


def odd_letters(host: str) -> str:
    """What is wrong with the letters of a host name; nothing if it is plain."""
    if not re.search(r"(^|\.)xn--", host):
        return ""
    spelt = ".".join(map(looks.spelt_out, host.split(".")))
    if any(len(looks.scripts(label)) > 1 for label in spelt.split(".")):
        return f"mixes letters of several scripts: it reads {spelt}"
    return f"is written with letters that are not English: it reads {spelt}"


def skeletons(host: str) -> set[str]:
    """Skeletons of the names that a host may be meant to show: its own label, that without dressing, and what stands before a gov."""
    own = registrable(host)
    before = host.removesuffix(own.suffix).rstrip(".").split(".")
    shown = {own.label, *_undressed(own.label)}
    for label, following in zip(before, [*before[1:], own.suffix.split(".")[0]], strict=True):
        if re.match(r"gov(-|$)", following):
            shown.add(label)
        if re.search(r"-gov\b|gov$", label):
            shown |= {label.partition("-gov")[0], *_undressed(label)}
    return {skeleton for label in shown if (skeleton := looks.skeleton(looks.spelt_out(label)))}


def _undressed(label: str) -> Iterator[str]:
    bare = _DRESSED.sub("", label)
    if bare != label and len(bare) > 1:
        yield bare


def how_alike(host: str, other: str) -> str:
    own, its = registrable(host), registrable(other)
    if own.label == its.label:
        return f"ends in .{own.suffix} and is else spelt as"
    if its.label in host:
        return "holds the name of"
    return "looks like"


def near_gov(host: str, gov: Names) -> str:
    """The .gov name that is a slip or two away; nothing if there is none."""
    own = registrable(host)
    left = max(MOST - distance(own.suffix, "gov", MOST), 1 if len(own.label) >= LONG else 0)
    found = gov.near(looks.spelt_out(own.label), left) if left > 0 else []
    return f"{found[0][1]}.gov" if found else ""


def near_record(host: str, record: Record) -> str:
    own = registrable(host)
    most = MOST if len(own.label) > SHORT else 1
    near = ((distance(own.name, name, most), name) for name in record.names)
    return min((found for found in near if found[0] <= most), default=(0, ""))[1]
