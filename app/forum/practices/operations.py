"""Keeping, changing and confirming a lesson's record. What it said before is kept with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.forum import access as forum
from app.forum import listening
from app.forum.masks import access as masks
from app.forum.models import Thread, ThreadKind
from app.forum.practices import access
from app.forum.practices.forms import EditPractice, PracticeForm
from app.forum.practices.models import Practice, PracticeRevision, ThreadSubject
from app.forum.practices.records import YEAR, contract_form

CLASH = "It was changed meanwhile. What you wrote is in the form; what stands there now is above it."


def keep_first(session: Session, actor: Actor, thread: Thread, form: PracticeForm) -> None:
    """The record that comes with a new lesson; the thread was opened in this transaction. Its fields are the form's `practice.…`."""
    if thread.kind != ThreadKind.LESSON:
        raise Invalid(practice="Only a lesson has a practice record. Choose Lesson, or leave its fields empty.")
    try:
        _write(session, Practice(thread_id=thread.id, version=1), form, actor)
    except Invalid as refused:
        raise Invalid({f"practice.{name}": text for name, text in refused.errors.items()}) from None


def edit(session: Session, actor: Actor, thread_id: int, form: EditPractice) -> None:
    """The author says anew what the record says, for the first time or again; Conflict if it was changed since it was read."""
    thread = require_own_lesson(session, actor, thread_id)
    record = access.record_for_act(session, thread_id)
    if form.version != (0 if record is None else record.version):
        raise Conflict(CLASH)
    if record is None:
        record = Practice(thread_id=thread_id, version=1)
    else:
        keep_revision(session, actor, record)
    _write(session, record, form, actor)
    _changed(session, actor, thread, "practice.edit", record)


def confirm(session: Session, actor: Actor, thread_id: int) -> None:
    """Still true: the record is looked at again in a year."""
    thread = require_own_lesson(session, actor, thread_id)
    record = access.record_for_act(session, thread_id)
    if record is None:
        raise NotFound
    keep_revision(session, actor, record)
    record.confirmed_at = clock.now()
    if record.review_by is not None:
        record.review_by = record.confirmed_at.date() + YEAR
    _changed(session, actor, thread, "practice.confirm", record)


def require_own_lesson(session: Session, actor: Actor, thread_id: int) -> Thread:
    """The lesson, its row locked, whose record the actor may write; refused otherwise."""
    thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    message = forum.reply_for_act(session, thread, 0)
    is_own = masks.is_own(session, actor, thread_id, message)
    forum.require_edit(actor, right, message, is_own=is_own, locked=thread.locked_at is not None)
    require_lesson(thread)
    return thread


def require_lesson(thread: Any) -> None:
    """`thread` is a row or a Thread that was reached through the actor."""
    if thread.kind != ThreadKind.LESSON:
        raise Conflict("Only a lesson has a practice record.")


def keep_revision(session: Session, actor: Actor, record: Practice) -> None:
    """What a record says, before it says something else: it is the next version from here on."""
    said = contract_form(record, access.subjects_of(session, record.thread_id))
    plain = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in said.items()}
    session.add(
        PracticeRevision(
            thread_id=record.thread_id, version=record.version, record=plain, written_at=record.confirmed_at, replaced_at=clock.now(),
            replaced_by=actor.member_id,
        )
    )  # fmt: skip
    record.version += 1


def _write(session: Session, record: Practice, form: PracticeForm, actor: Actor) -> None:
    _check(form)
    chosen = chosen_subjects(session, record.thread_id, form.subjects)
    for name in access.FIELDS:
        setattr(record, name, getattr(form, name))
    if "sworn" not in form.model_fields_set:
        record.sworn = actor.agency_sworn
    record.confirmed_at = clock.now()
    session.add(record)
    put_subjects(session, record.thread_id, chosen)


def _check(form: PracticeForm) -> None:
    if not (form.problem or form.what_we_did or form.outcome):
        raise Invalid(problem="Say at least what the problem was, what you did, or what came of it.")
    if form.review_by is not None and form.review_by < clock.now().date():
        raise Invalid(review_by="Choose a day that is to come.")


def put_subjects(session: Session, thread_id: int, subject_ids: list[int]) -> None:
    """In place of those that the thread, which was reached through the actor, has."""
    session.execute(delete(ThreadSubject).where(ThreadSubject.thread_id == thread_id))
    session.add_all(ThreadSubject(thread_id=thread_id, subject_id=subject) for subject in subject_ids)
    session.flush()


def chosen_subjects(session: Session, thread_id: int, slugs: list[str]) -> list[int]:
    """Their ids; Invalid where one is not on the association's list, or is retired and the thread doesn't have it."""
    found = access.subjects_named(session, slugs, thread_id) if slugs else {}
    unknown = [slug for slug in slugs if slug not in found]
    if unknown:
        raise Invalid(subjects=f"There is no subject {unknown[0]}.")
    return sorted(set(found.values()))


def _changed(session: Session, actor: Actor, thread: Thread, verb: str, record: Practice) -> None:
    thread.version += 1
    listening.thread_changed(session, thread.id)
    detail: dict[str, Any] = {"version": record.version, "review_by": record.review_by}
    audit.record(session, actor, verb, ("thread", thread.id), **detail)
