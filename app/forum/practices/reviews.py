"""On its review date a lesson's author is asked whether it is still true: once for each date, while they may still change it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import Database
from app.core.errors import Refusal
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum.practices import access, operations
from app.forum.practices.models import Practice
from app.membership import access as members
from app.membership.actors import actor_of

AT_ONCE = 200
SUBJECT = "Is your lesson still true?"


def run(db: Database) -> int:
    """How many were due. Each in a transaction of its own; what another worker took is passed over."""
    done, today = 0, clock.now().date()
    while due := _due(db, today):
        for thread_id in due:
            with db.write() as session:
                ask(session, thread_id, today)
        done += len(due)
    return done


def _due(db: Database, today: dt.date) -> list[int]:
    with db.read() as conn:
        return list(conn.execute(access.to_review(today, AT_ONCE)).scalars())


def ask(session: Session, thread_id: int, today: dt.date) -> None:
    """Neither title nor words of the lesson: its marking needs no asking then."""
    one = update(Practice).where(Practice.thread_id == thread_id, access.is_due(today)).values(asked_for=Practice.review_by)
    review_by = session.execute(one.returning(Practice.review_by).execution_options(synchronize_session=False)).scalar_one_or_none()
    author = None if review_by is None else access.author_of(session, thread_id)
    if author is None or not _may_write(session, author, thread_id):
        return
    to = members.address_of_current(session, author)
    if to is not None:
        page = f"/threads/{thread_id}/practice/review"
        key = f"review:{thread_id}:{review_by}"
        mail.queue(session, Letter("notification", to, "lesson-review", SUBJECT, key, {"path": page}, author, topic="lesson", page=page))


def _may_write(session: Session, author: int, thread_id: int) -> bool:
    try:
        operations.require_own_lesson(session, actor_of(session, author), thread_id)
    except Refusal:
        return False
    return True
