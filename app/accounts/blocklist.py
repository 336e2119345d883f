"""The passwords that nobody may have (A4): 30,000 of the most common, which come with the program, and the operator's own list beside
them. Lists age: what is common and what was breached changes, so an old one is told."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

OWN = "common-passwords.txt"  # in DATA_DIR, one a line
PACKED_VERSION = "4.5.0"  # zxcvbn's; a test compares it with the lock, so that a new one is looked at and dated here
PACKED_ON = dt.date(2026, 11, 24)
STALE_AFTER = dt.timedelta(days=92)
RULES = 1  # raised when the rules in passwords.py change, so that passwords are looked at again


@dataclass(frozen=True, slots=True)
class BlockList:
    """`version` changes with the list and the rules; a password that was looked at with another one is looked at again."""

    words: frozenset[str]
    version: str
    dated: dt.date

    def age(self, now: dt.datetime) -> dt.timedelta:
        return max(now.date() - self.dated, dt.timedelta())

    def is_stale(self, now: dt.datetime) -> bool:
        return self.age(now) > STALE_AFTER


_folder: Path | None = None
_current: BlockList | None = None


def use(folder: Path) -> None:
    """Look for the operator's list in this folder. It is read when first needed, and stays until the program ends."""
    global _folder, _current
    _folder, _current = folder, None


def current() -> BlockList:
    global _current
    if _current is None:
        _current = _read(None if _folder is None else _folder / OWN)
    return _current


def _read(own: Path | None) -> BlockList:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # late: 40 ms that a start doesn't need

    packed = frozenset(FREQUENCY_LISTS["passwords"])
    version = f"{RULES}-{PACKED_VERSION}"
    if own is None or not own.is_file():
        return BlockList(packed, version, PACKED_ON)
    raw = own.read_bytes()
    words = {line.strip().casefold() for line in raw.decode("utf-8", "replace").splitlines() if line.strip()}
    dated = dt.datetime.fromtimestamp(own.stat().st_mtime, dt.UTC).date()
    return BlockList(packed | words, f"{version}-{hashlib.sha256(raw).hexdigest()[:8]}", max(dated, PACKED_ON))
