"""A practice record as scripts read it, in words as people read it, and when it has grown old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.forum.practices.access import FIELDS
from app.forum.practices.models import Again, CostBand

UNANSWERED = dt.timedelta(days=30)
"""How long after its review date a record may be out of date before it says so."""
YEAR = dt.timedelta(days=365)

AGAIN_NAMES: dict[str, str] = {Again.YES: "Yes", Again.WITH_CHANGES: "Yes, with changes", Again.NO: "No"}
COST_NAMES: dict[str, str] = {
    CostBand.NONE: "Nothing but time",
    CostBand.UNDER_5K: "Under $5,000",
    CostBand.UNDER_25K: "$5,000 to $25,000",
    CostBand.UNDER_100K: "$25,000 to $100,000",
    CostBand.OVER_100K: "Over $100,000",
}


def contract_form(record: Any, subjects: Iterable[Any]) -> dict[str, Any]:
    """The contract's `practice`; `record` is a row or a Practice, `subjects` rows with a slug."""
    return {**{name: getattr(record, name) for name in FIELDS}, "subjects": [subject.slug for subject in subjects]}


def is_stale(review_by: dt.date | None, now: dt.datetime) -> bool:
    """The author was asked whether it is still so, and has not said for 30 days."""
    return review_by is not None and review_by + UNANSWERED < now.date()
