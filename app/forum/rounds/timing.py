"""How often and when a question goes round, and the names of its jobs."""

from __future__ import annotations

import datetime as dt

ROUND, OUTCOME = "question.round", "question.outcome"
MOST = 20  # members a round
HOLD = dt.timedelta(minutes=1)
AGAIN = dt.timedelta(days=3)
OUTCOME_AFTER = dt.timedelta(days=14)
LATER = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
