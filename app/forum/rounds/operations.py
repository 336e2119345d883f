"""What members say of being asked, and what an asker says of what came of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import audit, clock, jobs
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.sql import insert_into
from app.forum import access as forum
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.models import Thread, ThreadKind
from app.forum.practices import access as practices
from app.forum.practices.models import ThreadSubject
from app.forum.rounds import access
from app.forum.rounds.forms import AskingForm, OutcomeForm
from app.forum.rounds.models import Askable, Course, MemberSubject
from app.forum.rounds.timing import HOLD, ROUND

_ASKABLE: Any = Askable.__table__
CARRIED_BY = (ThreadKind.QUESTION, ThreadKind.DISCUSSION)


def choose(session: Session, actor: Actor, form: AskingForm) -> None:
    """Say what one knows about, and whether one may be asked. When one was asked last is kept: it is no way to be asked more often."""
    access.require_choose(actor)
    chosen = _named(session, form.subjects)
    values = {"member_id": actor.member_id, "may_ask": form.may_ask}
    statement = insert_into(session, _ASKABLE).values(values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["member_id"], set_={"may_ask": form.may_ask}))
    session.execute(delete(MemberSubject).where(MemberSubject.member_id == actor.member_id))
    session.add_all(MemberSubject(member_id=actor.member_id, subject_id=subject) for subject in chosen)
    session.flush()
    audit.record(session, actor, "asking.choose", ("member", actor.member_id), may_ask=form.may_ask, subjects=sorted(set(form.subjects)))


def _named(session: Session, slugs: list[str]) -> list[int]:
    found = practices.subjects_named(session, slugs, None) if slugs else {}
    unknown = [slug for slug in slugs if slug not in found]
    if unknown:
        raise Invalid(subjects=f"There is no subject {unknown[0]}.")
    return sorted(set(found.values()))


def begin(session: Session, thread: Thread, slugs: list[str]) -> None:
    """What a new thread carries, and of a question that it goes round: a moment later, so that one can still take it back."""
    if slugs and thread.kind not in CARRIED_BY:
        raise Invalid(subjects="Subjects are for a question or a discussion. A lesson has them in its practice record.")
    session.add_all(ThreadSubject(thread_id=thread.id, subject_id=subject) for subject in _named(session, slugs))
    session.flush()
    if thread.kind == ThreadKind.QUESTION:
        jobs.enqueue(session, ROUND, {"thread": thread.id, "number": 1}, clock.now() + HOLD)


def may_say(actor: Actor, right: int, *, is_own: bool, locked: bool) -> bool:
    return is_own and forum.may_reply(actor, right, locked=locked)


def say_outcome(session: Session, actor: Actor, thread_id: int, form: OutcomeForm) -> None:
    """The asker alone, named or masked: the row holds neither."""
    thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    if thread.kind != ThreadKind.QUESTION:
        raise Conflict("Only a question has an outcome.")
    if not masks.is_own(session, actor, thread_id, thread):
        raise Forbidden("Only who asked can say what came of it.")
    forum.require_reply(actor, right, locked=thread.locked_at is not None)
    now = clock.now()
    values: dict[str, Any] = {"outcome": form.outcome, "outcome_at": now if form.outcome else None}
    statement = insert_into(session, Course.__table__).values(thread_id=thread_id, first_at=now, **values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["thread_id"], set_=values))
    said = bool(form.outcome)
    audit.record(session, byline.veiled(actor, thread), "question.outcome", ("thread", thread_id), said=said)
