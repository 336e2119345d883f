"""A list of lessons as CSV: an act, since what leaves the site is in the log. No names of members: an export is no directory (C14)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.csv_lines import written
from app.core.errors import Forbidden
from app.forum.markings import LABELS, Marking
from app.forum.practices import access, listing
from app.forum.practices.listing import Wanted
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES

HEAD = (
    "marking", "title", "forum", "agency", "state", "posted", "subjects", "problem", "what we did", "outcome", "measured", "cost",
    "staffing", "weeks to set up", "would do it again", "why", "sworn", "review by", "adopted", "considering", "declined", "address",
)  # fmt: skip


def export(session: Session, actor: Actor, wanted: Wanted, origin: str) -> str:
    """The marking stands before what it marks, on each line (H3)."""
    conn = session.connection()
    if not listing.may_export(conn, actor):
        raise Forbidden("None of your forums lets its lessons go out as a file.")
    rows = listing.exported(conn, actor, wanted)
    subjects = access.subjects_of_many(conn, [row.id for row in rows])
    audit.record(session, actor, "lesson.export", lessons=[row.id for row in rows], filters=wanted.given)
    return written([HEAD, *[_line(row, subjects.get(row.id, []), origin) for row in rows]])


def _line(row: Row[Any], subjects: list[str], origin: str) -> tuple[Any, ...]:
    return (
        LABELS[Marking(row.marking)], row.title, row.forum_title, row.author_agency, row.state, row.created_at.date(), "; ".join(subjects),
        row.problem, row.what_we_did, row.outcome, "yes" if row.measured else "", COST_NAMES.get(row.cost_band, ""), row.staffing,
        row.setup_weeks, AGAIN_NAMES.get(row.again, ""), row.again_why, row.sworn, row.review_by, row.adopted,
        row.considering, row.declined,
        f"{origin}/threads/{row.id}",
    )  # fmt: skip
