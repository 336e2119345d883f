"""The second fence for practice records and subjects. A record is its thread's: who reaches the thread reaches it, unless a moderator has
hidden the opening message; its author alone writes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound
from app.core.sql import is_one_of, joined_texts
from app.forum.models import Reply, Thread
from app.forum.practices.models import Practice, PracticeRevision, Subject, ThreadSubject

FIELDS = (
    "problem", "what_we_did", "outcome", "measured", "cost_band", "staffing", "setup_weeks", "again", "again_why", "sworn", "contact_ok",
    "review_by",
)  # fmt: skip
_COLUMNS: tuple[Any, ...] = (*[getattr(Practice, name) for name in FIELDS], Practice.version, Practice.confirmed_at)
_OF: Any = bindparam("thread_id")


def version_of(thread_id: Any) -> ColumnElement[int | None]:
    """The version of a thread's record, for a statement about threads; NULL where it has none."""
    return select(Practice.version).where(Practice.thread_id == thread_id).scalar_subquery()


def review_of(thread_id: Any) -> ColumnElement[Any]:
    """By when it is to be looked at again, likewise."""
    return select(Practice.review_by).where(Practice.thread_id == thread_id).scalar_subquery()


_RECORD: Select[Any] = select(*_COLUMNS).where(Practice.thread_id == _OF)
_SUBJECTS = (
    select(Subject.id, Subject.slug, Subject.name)
    .join(ThreadSubject, ThreadSubject.subject_id == Subject.id)
    .where(ThreadSubject.thread_id == _OF)
    .order_by(Subject.sort, Subject.id)
)
_SUBJECTS_OF_MANY = (
    select(ThreadSubject.thread_id, Subject.name)
    .join(Subject, Subject.id == ThreadSubject.subject_id)
    .where(ThreadSubject.thread_id.in_(bindparam("ids", expanding=True)))
    .order_by(Subject.sort, Subject.id)
)
_REVISIONS = (
    select(PracticeRevision.version, PracticeRevision.record, PracticeRevision.written_at, PracticeRevision.replaced_at)
    .where(PracticeRevision.thread_id == _OF)
    .order_by(PracticeRevision.version.desc())
    .limit(100)
)
_HIDDEN = select(Reply.hidden_at).where(Reply.thread_id == _OF, Reply.position == 0)


def record_of(conn: Connection | Session, thread_id: int) -> Row[Any] | None:
    """The record of a thread that was reached through the actor."""
    return conn.execute(_RECORD, {"thread_id": thread_id}).first()


def subjects_of(conn: Connection | Session, thread_id: int) -> list[Row[Any]]:
    """Ids, slugs and names, in the association's order, of a thread that was reached through the actor; and for the worker."""
    return list(conn.execute(_SUBJECTS, {"thread_id": thread_id}))


def subjects_of_many(conn: Connection, thread_ids: list[int]) -> dict[int, list[str]]:
    """Their names, likewise, of threads that were reached through the actor."""
    found: dict[int, list[str]] = {}
    for row in conn.execute(_SUBJECTS_OF_MANY, {"ids": thread_ids}) if thread_ids else ():
        found.setdefault(row.thread_id, []).append(row.name)
    return found


RECORD_TEXTS: tuple[Any, ...] = (Practice.problem, Practice.what_we_did, Practice.outcome, Practice.staffing, Practice.again_why)
"""What a record says in words, for statements that join it."""
EVERY_SUBJECT: Any = select(Subject.id, Subject.slug, Subject.name).order_by(Subject.sort, Subject.id)
SUBJECTS_OF_THREADS: Any = select(ThreadSubject.thread_id, ThreadSubject.subject_id).where(is_one_of(ThreadSubject.thread_id, "ids"))


def about_any(name: str) -> Select[Any]:
    """The ids of threads about one of the subjects whose ids are given as the value `name`, a JSON list."""
    return select(ThreadSubject.thread_id).where(is_one_of(ThreadSubject.subject_id, name))


def about(slug: Any) -> Select[Any]:
    """The ids of threads that have this subject."""
    return select(ThreadSubject.thread_id).join(Subject, Subject.id == ThreadSubject.subject_id).where(Subject.slug == slug)


def revisions_of(conn: Connection, thread_id: int) -> list[Row[Any]]:
    return list(conn.execute(_REVISIONS, {"thread_id": thread_id}))


def is_hidden(conn: Connection | Session, thread_id: int) -> bool:
    """Whether a moderator has hidden the opening message: the record is hidden with it."""
    return conn.execute(_HIDDEN, {"thread_id": thread_id}).scalar() is not None


def require_see_record(conn: Connection, thread: Row[Any]) -> None:
    """For a thread that was reached through the actor."""
    if thread.practice_version is None or is_hidden(conn, thread.id):
        raise NotFound


def record_for_act(session: Session, thread_id: int) -> Practice | None:
    """The row of a thread that was reached through the actor and is locked."""
    return session.execute(select(Practice).where(Practice.thread_id == thread_id)).scalar_one_or_none()


# For the worker -------------------------------------------------------------------------------------------------------------


def is_due(today: dt.date) -> ColumnElement[bool]:
    """Records whose review date has come, and whose author was not asked for this date yet."""
    return (Practice.review_by <= today) & (Practice.asked_for.is_(None) | (Practice.asked_for != Practice.review_by))


def to_review(today: dt.date, limit: int) -> Select[Any]:
    return select(Practice.thread_id).where(is_due(today)).order_by(Practice.review_by, Practice.thread_id).limit(limit)


def author_of(session: Session, thread_id: int) -> int:
    """Whom to ask: a lesson has its author's name."""
    return session.execute(select(Thread.author_id).where(Thread.id == thread_id)).scalar_one()


# Subjects -------------------------------------------------------------------------------------------------------------------


def visible_subjects(thread_id: int | None = None) -> Select[Any]:
    """What a thread may be about, for every member; for one that is there, what it is about already too."""
    its_own = select(ThreadSubject.subject_id).where(ThreadSubject.thread_id == thread_id)
    offered = Subject.retired.is_(False) if thread_id is None else Subject.retired.is_(False) | Subject.id.in_(its_own)
    columns: tuple[Any, ...] = (Subject.id, Subject.slug, Subject.name)
    return select(*columns).where(offered).order_by(Subject.sort, Subject.id)


def subject_ids_of(thread_id: Any) -> ColumnElement[str | None]:
    """The ids of what a thread is about as a text ("3,7"), for a statement about threads; NULL where there are none."""
    return select(joined_texts(ThreadSubject.subject_id)).where(ThreadSubject.thread_id == thread_id).scalar_subquery()


def offered(conn: Connection) -> list[Row[Any]]:
    """What every member may choose among."""
    return list(conn.execute(visible_subjects()))


def has_subject(thread_id: Any) -> ColumnElement[bool]:
    """Whether a thread is about any, for a statement about threads."""
    return exists().where(ThreadSubject.thread_id == thread_id)


def is_about(thread_id: Any, subject_ids: Select[Any]) -> ColumnElement[bool]:
    """Whether a thread is about one of these, likewise."""
    return exists().where(ThreadSubject.thread_id == thread_id, ThreadSubject.subject_id.in_(subject_ids))


def with_slug(slug: Any) -> Select[Any]:
    """The id of the subject with this slug."""
    return select(Subject.id).where(Subject.slug == slug)


def these_subjects(ids: Any) -> Select[Any]:
    """The same of the subjects with these ids (a SELECT), retired ones too."""
    columns: tuple[Any, ...] = (Subject.id, Subject.slug, Subject.name)
    return select(*columns).where(Subject.id.in_(ids)).order_by(Subject.sort, Subject.id)


def subjects_named(session: Session, slugs: list[str], thread_id: int | None) -> dict[str, int]:
    """Ids by slug of those that a lesson may be given: what is offered, and what it has already."""
    return {row.slug: row.id for row in session.execute(visible_subjects(thread_id).where(Subject.slug.in_(slugs)))}


def all_subjects(actor: Actor) -> Select[Any]:
    """Every subject with how many lessons have it, for administrators."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    used = select(func.count()).where(ThreadSubject.subject_id == Subject.id).scalar_subquery().label("used")
    return select(Subject.id, Subject.slug, Subject.name, Subject.retired, used).order_by(Subject.sort, Subject.id)


def subjects_for_edit(session: Session, actor: Actor) -> list[Subject]:
    """All of them in their order, locked until the transaction ends: each change may move others."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    if not actor.may_write:
        raise Forbidden
    statement = select(Subject).order_by(Subject.sort, Subject.id).with_for_update()
    return list(session.execute(statement.execution_options(populate_existing=True)).scalars())
