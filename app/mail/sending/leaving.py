"""Before a copy's last line goes, it is written down that it does. Whoever sends at that moment shares one commit."""

from __future__ import annotations

import threading

from app.core.db import Database
from app.mail import outbox


class Leaving:
    """One run's. Asked by many threads at once; while one of them commits the others come together, and the next commits for all."""

    def __init__(self, db: Database, lease: str) -> None:
        self._db, self._lease = db, lease
        self._lock, self._committing = threading.Lock(), threading.Lock()
        self._asked: set[int] = set()
        self._may: dict[int, bool] = {}

    def __call__(self, row_id: int) -> bool:
        """True once it is written down; False if another worker has the message by now."""
        with self._lock:
            self._asked.add(row_id)
        with self._committing:
            with self._lock:
                if row_id in self._may:
                    return self._may.pop(row_id)
                asked, self._asked = self._asked | {row_id}, set()  # its own, too: whoever took it along may have failed
            ours = outbox.leaving(self._db, self._lease, sorted(asked))
            with self._lock:
                self._may |= {one: one in ours for one in asked}
                return self._may.pop(row_id)
