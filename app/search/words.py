"""How a text becomes the words that are compared: the same for what is written and what is typed, and on both engines.

Words are folded (no accents, case or apostrophes) and lose their English endings here, in Python; the engines get them ready-made and in
ASCII, so that neither has a say in what a word is. Only inflections go (Porter's steps 1 and 5): cameras, camera; policies, policy;
hired, hiring, hire. Further steps would make "organ" of "organization".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MOST_WORDS = 16_000  # of a text: PostgreSQL counts places in it no further than 16,383
_LONGEST = 40
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f'’‘´`]+[^\W_]+)*")


class Word(NamedTuple):
    """A word as it is compared, and where it stands in its text."""

    said: str
    start: int
    end: int


def placed(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        yield Word(stem_of(found[0]), found.start(), found.end())


def words(text: str) -> list[str]:
    """A text's words in their order, at most MOST_WORDS: "The sheriff's body-worn cameras" gives the sheriff body worn camera."""
    return [stem_of(chunk) for chunk in _WORD.findall(text)[:MOST_WORDS]]


@lru_cache(maxsize=60_000)
def stem_of(chunk: str) -> str:
    """One word, folded and without its ending."""
    word = folded(chunk)[:_LONGEST]
    return _stem(word) if len(word) > 3 and word.isalpha() and word.isascii() else _in_ascii(word)


def folded(chunk: str) -> str:
    plain = unicodedata.normalize("NFKD", chunk.casefold())
    return "".join(c for c in plain if c.isalnum()) or "_"


def _in_ascii(word: str) -> str:
    """Letters of other scripts by their number: SQLite knows fewer of them than Python, and would part a word there."""
    return word if word.isascii() else "".join(c if c.isascii() else f"u{ord(c):x}" for c in word)[: 2 * _LONGEST]


# Porter's steps 1a, 1b, 1c and 5 ---------------------------------------------------------------------------------------------


def _measure(stem: str) -> int:
    """How often a vowel is followed by a consonant."""
    shape = re.sub(r"(.)\1+", r"\1", "".join("v" if _is_vowel(stem, i) else "c" for i in range(len(stem))))
    return shape.count("vc")


def _is_vowel(word: str, at: int) -> bool:
    return word[at] in "aeiou" or (word[at] == "y" and at > 0 and word[at - 1] not in "aeiou")


def _has_vowel(stem: str) -> bool:
    return any(_is_vowel(stem, i) for i in range(len(stem)))


def _ends_short(word: str) -> bool:
    """Consonant, vowel, consonant (not w, x or y), as in hop."""
    if len(word) < 3 or word[-1] in "wxy":
        return False
    return not _is_vowel(word, len(word) - 3) and _is_vowel(word, len(word) - 2) and not _is_vowel(word, len(word) - 1)


def _is_doubled(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and not _is_vowel(word, len(word) - 1)


def _stem(word: str) -> str:
    word = _verbal(_plural(word))
    if word.endswith("y") and len(word) > 2 and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    if word.endswith("e") and len(word) > 3:
        size = _measure(word[:-1])
        if size > 1 or (size == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _plural(word: str) -> str:
    if word.endswith("sses") or (word.endswith("ies") and len(word) > 4):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-1]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def _verbal(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and _has_vowel(stem):
            return _mended(stem)
    return word


def _mended(stem: str) -> str:
    """What is left after -ed or -ing, as the verb would end."""
    if len(stem) < 3:
        return stem + "e"
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if _is_doubled(stem) and stem[-1] not in "lsz":
        return stem[:-1]
    return stem + "e" if _measure(stem) == 1 and _ends_short(stem) else stem


_COMMON = """
a an and any anyone are as at be been but by can did do does for from had has have how i if in into is it its me my no not of on or our so
than that the their them then there they this to us was we were what when where which who will with would you your
"""
STOP = frozenset(words(_COMMON))
"""Too common to be looked for by themselves; a phrase keeps them."""
