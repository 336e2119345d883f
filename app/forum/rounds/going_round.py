"""The jobs of a question: it goes to up to twenty members, to twenty others three days later if nobody at another agency replied, and its
asker is asked after two weeks what came of it. Each may be run twice: whom it went to is written down with the letter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, or_, update
from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.agencies import like
from app.core import clock, jobs
from app.core.access import system
from app.core.db import Database
from app.core.errors import Refusal
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.sql import insert_into
from app.forum import access as forum
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.masks import circle
from app.forum.practices import access as practices
from app.forum.rounds import access
from app.forum.rounds.models import Askable, Asked, Course
from app.forum.rounds.timing import AGAIN, LATER, MOST, OUTCOME, OUTCOME_AFTER, ROUND, WEEK
from app.membership import access as members
from app.membership.actors import actor_of


def register() -> None:
    jobs.handler(ROUND)(lambda db, payload: go_round(db, payload["thread"], payload["number"]))
    jobs.handler(OUTCOME)(lambda db, payload: ask_outcome(db, payload["thread"]))


def go_round(db: Database, thread_id: int, number: int) -> None:
    """Each member in a transaction of their own, so that no two rounds wait for each other crosswise."""
    if not _begin(db, thread_id, number):
        return
    with db.read() as conn:
        asked = access.question(conn, thread_id)
        if asked is None:
            return
        about = {row.id: row.name for row in practices.subjects_of(conn, thread_id)}
        chosen = access.shortlist(conn, asked, _alike(conn, asked), list(about))
    for one in chosen:
        with db.write() as session:
            if not _ask(session, asked, one, number, about.get(one.subject_id, "")):
                return


def _begin(db: Database, thread_id: int, number: int) -> bool:
    """Whether this round is to be. The first one plans what comes after it."""
    now = clock.now()
    with db.write() as session:
        asked = access.question(session, thread_id)
        if asked is None:
            return False
        if number == 1:
            new = insert_into(session, Course.__table__).values(thread_id=thread_id, first_at=now).on_conflict_do_nothing()
            if session.connection().execute(new.returning(Course.thread_id)).first() is not None:
                jobs.enqueue(session, ROUND, {"thread": thread_id, "number": 2}, now + AGAIN)
                jobs.enqueue(session, OUTCOME, {"thread": thread_id}, now + OUTCOME_AFTER)
        if asked.locked_at is not None or asked.answer_position is not None:
            return False
        if number == 1:
            return True
        course = access.course_for_act(session, thread_id)
        if course is None or access.is_answered_elsewhere(session.connection(), asked):
            return False
        course.again_at = course.again_at or now
        return True


def _alike(conn: Any, asked: Row[Any]) -> tuple[str, dict[str, Any]]:
    """How agencies are compared. Of a masked question nothing counts but what all may read above it: whom it goes to would tell more."""
    if asked.mask:
        band = circle.said_in(asked.words)
        return ("size", {"least": band.least, "most": band.most}) if band is not None else ("", {})
    if asked.agency_id is None:
        return "", {}
    agency = agencies.agency_for(conn, system("rounds"), asked.agency_id)
    return "agency", like.likeness(agency).values


def _ask(session: Session, asked: Row[Any], one: Row[Any], number: int, subject: str) -> bool:
    """Whether there is room for more. The question's row is locked first, then the member's: always in this order."""
    if access.course_for_act(session, asked.id) is None or access.number_asked(session, asked.id, number) >= MOST:
        return False
    now = clock.now()
    values = {"thread_id": asked.id, "member_id": one.id, "number": number, "subject_id": one.subject_id, "at": now}
    new = insert_into(session, Asked.__table__).values(values).on_conflict_do_nothing().returning(Asked.member_id)
    if session.connection().execute(new).first() is None:
        return True
    if not take_turn(session, one.id):
        session.execute(delete(Asked).where(Asked.thread_id == asked.id, Asked.member_id == one.id))
        return True
    to = members.address_of_current(session, one.id)
    if to is not None:
        mail.queue(session, _letter(asked, one, (to, subject)))
    return True


def take_turn(session: Session, member_id: int) -> bool:
    """One of the member's two questions of any seven days; False where both were had. One statement on their one row, so that of many
    questions at the same moment two find it free."""
    now, a = clock.now(), Askable
    free = (a.member_id == member_id, a.may_ask, or_(a.before_at.is_(None), a.before_at <= now - WEEK))
    taken = update(a).where(*free).values(before_at=a.last_at, last_at=now).returning(a.member_id)
    return session.execute(taken.execution_options(synchronize_session=False)).first() is not None


def _letter(asked: Row[Any], one: Row[Any], to: tuple[str, str]) -> Letter:
    """Neither title nor words: its marking needs no asking then. Of a strict one not even what it is about."""
    address, about = to
    reason = reason_of(asked, one, about)
    page = f"/threads/{asked.id}"
    values = {"path": page, "reason": reason}
    subject, key = f"A question for you: {reason}", f"asked:{asked.id}"
    return Letter("notification", address, "asked", subject, key, values, one.id, topic="asked", page=page)


def reason_of(asked: Row[Any], one: Row[Any], subject: str) -> str:
    """Why this member is asked, for them alone. Of a masked asker it says what the question's own head says, and no more."""
    if one.subject_id is not None:
        return (
            f"you agreed to be asked about {subject}"
            if Marking(asked.marking).may_be_mailed
            else "you agreed to be asked about its subject"
        )
    return "your agency is of the size that it names" if asked.mask else "your agency is like the one asking"


def ask_outcome(db: Database, thread_id: int) -> None:
    """Once. Whoever said it already, or muted the question, is not asked; who is away is asked when they are back."""
    with db.write() as session:
        asked = access.question(session, thread_id)
        course = access.course_for_act(session, thread_id)
        if asked is None or asked.locked_at is not None or course is None or course.outcome or course.outcome_asked_at is not None:
            return
        asker = masks.author_of(session, asked)
        if access.is_away(session, asker):
            jobs.enqueue(session, OUTCOME, {"thread": thread_id}, clock.now() + LATER)
            return
        course.outcome_asked_at = clock.now()
        to = members.address_of_current(session, asker)
        if to is None or access.is_muted(session, asker, thread_id) or not _may_say(session, asker, thread_id):
            return
        page = f"/threads/{thread_id}#outcome"
        subject, key = "What came of your question?", f"outcome:{thread_id}"
        mail.queue(session, Letter("notification", to, "outcome-asked", subject, key, {"path": page}, asker, topic="outcome", page=page))


def _may_say(session: Session, member_id: int, thread_id: int) -> bool:
    try:
        actor = actor_of(session, member_id)
        return actor.may_write and forum.sees_thread(session, actor, thread_id)
    except Refusal:
        return False
