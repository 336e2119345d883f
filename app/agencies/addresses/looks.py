"""What a name looks like, whatever it is spelt with (V7): names that look alike have one skeleton.

After Unicode's UTS #39, cut down to what a mail domain can hold. Letters of other scripts go to the Latin ones that they look like
(`confusables.txt`); digits and pairs that stand for letters go to those letters; hyphens go.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_DIGITS = str.maketrans("0134578i", "oleastbl", "-_")
_COMMON = frozenset({"DIGIT", "HYPHEN-MINUS", "MIDDLE"})


@cache
def _confusables() -> dict[int, str]:
    """Characters to the ASCII letters that they look like; read when a name first holds such a character."""
    table: dict[int, str] = {}
    for line in Path(__file__).with_name("confusables.txt").read_text(encoding="utf-8").splitlines():
        letter, _, alike = line.partition(" ")
        if letter != "#":
            table |= {ord(c): letter for c in alike}
    return table


def skeleton(name: str) -> str:
    """The skeleton of a name, or of a part of it; `name` in lower case, not in punycode."""
    if not name.isascii():
        folded = unicodedata.normalize("NFD", name.translate(_confusables()))
        name = "".join(c for c in folded if not unicodedata.combining(c)).translate(_confusables())
    name = name.translate(_DIGITS)
    for pair, letter in _PAIRS:
        name = name.replace(pair, letter)
    return name


def spelt_out(label: str) -> str:
    """A label as people see it: `xn--` is punycode. What can't be read stays as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError):
        return label


def scripts(text: str) -> set[str]:
    """The scripts of its letters: LATIN, CYRILLIC, GREEK … by the names of the characters."""
    first = {unicodedata.name(c, "UNKNOWN").split()[0] for c in text if not re.match(r"[0-9.-]", c)}
    return first - _COMMON
