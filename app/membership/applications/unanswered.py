"""What becomes of a question that the applicant does not answer: two reminders, then the case lapses. Never in silence, and never while a
reviewer works on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from app.core import clock, jobs
from app.core.access import system
from app.core.db import Database
from app.membership.applications import access, letters
from app.membership.applications.changes import changed
from app.membership.models import Application, ApplicationState
from app.membership.papers import Question

REMINDED = (dt.timedelta(days=7), dt.timedelta(days=23))
PATIENCE = dt.timedelta(days=30)


def register() -> None:
    """Called once at start-up."""
    jobs.handler("question.remind")(remind)
    jobs.handler("question.lapse")(lapse)


def answer_by(application: Any, questions: Iterable[Any]) -> dt.datetime | None:
    """Until when a case (a row or an object) waits for its applicant, by the latest of what is not answered; None: it does not."""
    if application.state != ApplicationState.MORE_ASKED:
        return None
    asked = [question.asked_at for question in questions if question.answered_at is None]
    return max(asked) + PATIENCE if asked else None


def watch(session: Session, question: Question) -> None:
    """Within the act that asks."""
    for after in REMINDED:
        jobs.enqueue(session, "question.remind", {"id": question.id, "days": after.days}, run_at=question.asked_at + after)
    jobs.enqueue(session, "question.lapse", {"id": question.id}, run_at=question.asked_at + PATIENCE)


def remind(db: Database, payload: dict[str, Any]) -> None:
    with db.write() as session:
        application = _waiting(session, payload["id"])
        if application is not None:
            letters.reminded(session, application, payload["id"], payload["days"], (PATIENCE - dt.timedelta(days=payload["days"])).days)


def lapse(db: Database, payload: dict[str, Any]) -> None:
    with db.write() as session:
        application = _waiting(session, payload["id"])
        if application is None:
            return
        if application.claimed_until is not None and application.claimed_until > clock.now():
            jobs.enqueue(session, "question.lapse", payload, run_at=application.claimed_until)
            return
        application.state, application.decided_at = ApplicationState.EXPIRED, clock.now()
        letters.unanswered(session, application)
        changed(session, system("membership"), application, "application.lapse", question=payload["id"])


def _waiting(session: Session, question_id: int) -> Application | None:
    """The case, locked, if it still waits for an answer to this question and nothing was asked since: what was asked last has a watch of
    its own."""
    application = access.asked_by(session, question_id)
    if application is None:
        return None
    open_ones = [q.id for q in session.execute(access.questions_of(application.id)).scalars() if q.answered_at is None]
    return application if open_ones and open_ones[-1] == question_id else None
