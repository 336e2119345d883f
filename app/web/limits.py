"""How often: a script has 300 calls a minute for each token, counted in this process."""

from __future__ import annotations

import time

from app.core.errors import TooMany
from app.web.guard import Visit

CALLS_A_MINUTE = 300
_counts: dict[bytes, tuple[int, int]] = {}


def require_call(visit: Visit) -> None:
    """Count one call; TooMany past the limit of this minute."""
    minute = int(time.monotonic() // 60)
    when, count = _counts.get(visit.key, (minute, 0))
    if when != minute:
        count = 0
        if len(_counts) > 10_000:
            _counts.clear()
    if count >= CALLS_A_MINUTE:
        raise TooMany("This token has made its calls for this minute.", retry_after=60 - int(time.monotonic() % 60))
    _counts[visit.key] = (minute, count + 1)
