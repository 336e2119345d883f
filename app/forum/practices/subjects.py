"""The association's list of subjects: its administrators add, name, order and retire them."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.errors import Invalid, NotFound
from app.core.fields import Form, Name
from app.forum.administering.operations import slug_of
from app.forum.practices import access
from app.forum.practices.models import Subject

MOST = 200
SubjectName = Annotated[Name, StringConstraints(max_length=60)]


class SubjectForm(Form):
    name: SubjectName


def add(session: Session, actor: Actor, form: SubjectForm) -> int:
    """Of two who add the same at once, one is told that it is there: the database says so, not a look at it before."""
    every = access.subjects_for_edit(session, actor)
    slug = slug_of(form.name)
    if not slug:
        raise Invalid(name="Please use at least one letter or digit.")
    if len(every) >= MOST:
        raise Invalid(name="The list is full. Rename a subject that no lesson has.")
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    values = {"slug": slug, "name": form.name, "sort": len(every), "retired": False}
    statement = insert(Subject.__table__).values(values).on_conflict_do_nothing().returning(Subject.id)  # type: ignore[arg-type]
    subject_id = session.connection().execute(statement).scalar()
    if subject_id is None:
        raise Invalid(name="There is a subject of this name already.")
    audit.record(session, actor, "subject.add", ("subject", subject_id), slug=slug)
    return int(subject_id)


def rename(session: Session, actor: Actor, subject_id: int, form: SubjectForm) -> None:
    """Lessons that have it show the new name; its address stays as it is."""
    subject = _one(access.subjects_for_edit(session, actor), subject_id)
    before, subject.name = subject.name, form.name
    audit.record(session, actor, "subject.rename", ("subject", subject_id), before=before, after=form.name)


def move(session: Session, actor: Actor, subject_id: int, *, up: bool) -> None:
    every = access.subjects_for_edit(session, actor)
    at = every.index(_one(every, subject_id))
    to = at - 1 if up else at + 1
    if 0 <= to < len(every):
        every[at], every[to] = every[to], every[at]
    for place, subject in enumerate(every):
        subject.sort = place
    audit.record(session, actor, "subject.move", ("subject", subject_id), up=up)


def retire(session: Session, actor: Actor, subject_id: int, *, retired: bool) -> None:
    _one(access.subjects_for_edit(session, actor), subject_id).retired = retired
    audit.record(session, actor, "subject.retire" if retired else "subject.restore", ("subject", subject_id))


def _one(every: list[Subject], subject_id: int) -> Subject:
    subject = next((subject for subject in every if subject.id == subject_id), None)
    if subject is None:
        raise NotFound
    return subject
