"""Who looks at a file before it is released (H9). Without one nothing is looked at, and the administrator's page says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class ScannerDown(Exception):
    """It gave no answer: the file is held, not passed."""


class Scanner(Protocol):
    def scan(self, pieces: Iterable[bytes]) -> str:
        """What was found, by its name; nothing if the file is clean. ScannerDown if it can't be said."""
