"""Where an applicant's case stands, for their own page: what was asked and sent, how long cases take, and when to apply again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row

from app.membership.applications import access, unanswered
from app.membership.evidence.access import sent_by_applicant
from app.membership.evidence.limits import MOST_OWN_FILES
from app.membership.models import ApplicationState

LATEST, FEWEST = 30, 5  # cases that the typical time is of; with fewer it would tell of single ones
AGAIN_AFTER = dt.timedelta(days=30)  # sooner is taken, too: reviewers see the decision beside the new case


@dataclass(frozen=True, slots=True)
class Pace:
    """Half of the last `count` cases were decided within `typical`."""

    typical: dt.timedelta
    count: int


@dataclass(frozen=True, slots=True)
class Standing:
    row: Row[Any]
    reason: str  # why it was declined
    questions: list[Any]
    sent: list[Row[Any]]  # the applicant's files
    pace: Pace | None

    @property
    def is_open(self) -> bool:
        return access.may_withdraw(self.row)

    @property
    def takes_evidence(self) -> bool:
        return access.may_add_evidence(self.row)

    @property
    def takes_files(self) -> bool:
        return len(self.sent) < MOST_OWN_FILES

    @property
    def is_asked(self) -> bool:
        return self.is_open and any(q.answered_at is None for q in self.questions)

    @property
    def answer_by(self) -> dt.datetime | None:
        return unanswered.answer_by(self.row, self.questions)

    @property
    def again_from(self) -> dt.datetime | None:
        """When a declined applicant may well apply again."""
        return self.row.decided_at + AGAIN_AFTER if self.row.state == ApplicationState.DECLINED else None


def standing(conn: Connection, token: str, now: dt.datetime) -> Standing:
    """By the status page's token; NotFound once it is dead."""
    row = access.own_application(conn, token, now)
    return Standing(
        row=row, reason=access.reason_for_applicant(conn, row), questions=list(conn.execute(access.questions_of(row.id)).all()),
        sent=list(sent_by_applicant(conn, row.id)), pace=pace(conn, row.purpose) if row.decided_at is None else None,
    )  # fmt: skip


def pace(conn: Connection, purpose: str) -> Pace | None:
    times = [row.decided_at - row.submitted_at for row in conn.execute(access.decided_lately(purpose, LATEST))]
    return Pace(median(times), len(times)) if len(times) >= FEWEST else None
