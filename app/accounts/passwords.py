"""Passwords: Argon2id by libpass, and what a password may be (A3, A4, A5). Heavy imports are late: only signing in needs them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.accounts import blocklist

MAX_LENGTH = 1000  # code points after NFC; no more would fit the hash function's input
MIN_LENGTH = {"standard": 12, "strict": 15}
MIN_SCORE = 3  # of zxcvbn's 0 to 4: ten thousand million guesses or more
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one Argon2id hash takes. Hashes made at another cost are made anew at the next sign-in."""

    memory_kib: int = 19 * 1024
    rounds: int = 2
    lanes: int = 1


STANDARD = Cost()
_cost = STANDARD


def set_cost(cost: Cost) -> None:
    """Another cost for this process: more on a large machine, less where nothing is protected."""
    global _cost
    _cost = cost


@lru_cache(maxsize=4)
def _hasher(cost: Cost) -> Any:
    from passlib.hash import argon2  # type: ignore[import-untyped]  # late: 140 ms at start

    argon2.set_backend()  # left to the first call, it would swap the methods under a caller that holds one already
    return argon2.using(type="ID", memory_cost=cost.memory_kib, rounds=cost.rounds, parallelism=cost.lanes)


@lru_cache(maxsize=4)
def _dummy(cost: Cost) -> str:
    return str(_hasher(cost).hash(b"nobody's password"))


def normalise(password: str) -> str:
    """One form for what looks the same, whichever keyboard it came from (A3)."""
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    return normalise(password).encode("utf-8", "surrogatepass")


def hashed(password: str) -> str:
    return str(_hasher(_cost).hash(_bytes(password)))


def verify(password: str, stored: str | None) -> bool:
    """Whether it is the password. Takes as long where there is none to compare with (A15)."""
    known = stored if stored is not None and len(normalise(password)) <= MAX_LENGTH else None
    given = _bytes(password) if known else b"a wrong one"
    right = bool(_hasher(_cost).verify(given, known or _dummy(_cost)))
    return right and known is not None


def needs_rehash(stored: str) -> bool:
    return bool(_hasher(_cost).needs_update(stored))


def weakness(password: str, words: Sequence[str], min_length: int) -> str | None:
    """Why this password can't be taken, as a sentence; None if it can. `words` are names that it may not lean on."""
    text = normalise(password)
    if len(text) < min_length:
        return f"Use at least {min_length} characters. Three or four unrelated words are easy to remember."
    if len(text) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH:,} characters."
    if _is_common(text):
        return "This is one of the most common passwords, or one with a few characters added."
    parts = _parts(words)
    if _leans_on(text, parts):
        return "This leans on your name, your address, your agency or the association. Use words that have nothing to do with you."
    return _easy_to_guess(text, parts)


def _is_common(text: str) -> bool:
    """On the list as it stands, or once what people put around a word is taken away, or as one word said again and again."""
    low = text.casefold()
    bare = low.strip("0123456789!?.,;:-_*#@$%&+= ")
    once = re.fullmatch(r"(.+?)\1+", low)
    forms = {low, bare, once[1] if once else low}
    return any(form in blocklist.current().words for form in forms if form) or not bare


def _parts(words: Sequence[str]) -> list[str]:
    """The single words of names and addresses, the longest first; short ones are in too many good passwords."""
    found = {part for word in (*words, "squadroom") for part in _NOT_WORD.split(word.casefold()) if len(part) >= 4}
    return sorted(found, key=len, reverse=True)


def _leans_on(text: str, parts: Sequence[str]) -> bool:
    """Whether too little is left once those words are taken out."""
    low = left = text.casefold()
    for part in parts:
        left = left.replace(part, "")
    return left != low and len(_NOT_WORD.sub("", left).strip("0123456789")) < 8


def _easy_to_guess(text: str, parts: Sequence[str]) -> str | None:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # late: 40 ms

    found = zxcvbn(text[:72], user_inputs=list(parts))
    if found["score"] >= MIN_SCORE:
        return None
    why = str(found["feedback"]["warning"]).rstrip(".")
    return f"This is easy to guess{': ' + why[:1].lower() + why[1:] if why else ''}. Use three or four unrelated words."
