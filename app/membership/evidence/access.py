"""The second fence for evidence files: reviewers reach them through their case, nobody else at all; the worker reaches what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import NotFound
from app.membership.applications.access import visible_applications
from app.membership.evidence.models import EvidenceFile, EvidenceFileLink
from app.membership.models import Application, ApplicationState

KEPT_AFTER_DECISION = dt.timedelta(days=30)


def file_to_view(session: Session, actor: Actor, application_id: int, file_id: int) -> EvidenceFile:
    """A file of a case, for a reviewer; NotFound for everybody else, and once it is deleted."""
    statement = visible_applications(actor, EvidenceFile).join(Application, Application.id == EvidenceFile.application_id)
    statement = statement.where(EvidenceFile.id == file_id, Application.id == application_id, EvidenceFile.deleted_at.is_(None))
    file: EvidenceFile | None = session.execute(statement).scalar_one_or_none()
    if file is None:
        raise NotFound
    return file


def files_of(application_id: int) -> Select[Any]:
    """The files of a case that was reached, with the lines of evidence that show them."""
    f = EvidenceFile
    columns: tuple[Any, ...] = (
        EvidenceFileLink.evidence_id, f.id, f.name, f.size, f.media_type, f.sha256, f.shows_identity, f.added_by, f.created_at,
        f.deleted_at,
    )  # fmt: skip
    statement = select(*columns).join(EvidenceFileLink, EvidenceFileLink.file_id == f.id)
    return statement.where(f.application_id == application_id).order_by(f.id)


def sent_by_applicant(conn: Connection | Session, application_id: int) -> Sequence[Row[Any]]:
    """What the applicant sent to their own case, which was reached by its token: also what was deleted since, as it counts."""
    f = EvidenceFile
    columns: tuple[Any, ...] = (f.id, f.name, f.size, f.sha256, f.created_at, f.deleted_at)
    return conn.execute(select(*columns).where(f.application_id == application_id, f.added_by.is_(None)).order_by(f.id)).all()


# For the worker -------------------------------------------------------------------------------------------------------------


def due(now: dt.datetime) -> Select[Any]:
    """Files that show who somebody is, of cases that were closed long enough ago. An address that nobody confirmed is nobody's word:
    what was sent with it goes at once."""
    is_nobodys = (Application.state == ApplicationState.EXPIRED) & Application.submitted_at.is_(None)
    is_over = or_(Application.decided_at <= now - KEPT_AFTER_DECISION, is_nobodys)
    columns: tuple[Any, ...] = (EvidenceFile.id, EvidenceFile.stored_as)
    statement = select(*columns).join(Application, Application.id == EvidenceFile.application_id)
    return statement.where(EvidenceFile.deleted_at.is_(None), EvidenceFile.shows_identity, is_over).order_by(EvidenceFile.id).limit(200)


def file_to_delete(session: Session, file_id: int) -> EvidenceFile | None:
    statement = select(EvidenceFile).where(EvidenceFile.id == file_id, EvidenceFile.deleted_at.is_(None)).with_for_update()
    return session.execute(statement).scalar_one_or_none()


def kept_names(conn: Connection, names: list[str]) -> set[str]:
    """Those of these stored names that a row still refers to."""
    statement = select(EvidenceFile.stored_as).where(EvidenceFile.stored_as.in_(names), EvidenceFile.deleted_at.is_(None))
    return set(conn.execute(statement).scalars())


def newest_key(conn: Connection) -> Row[Any] | None:
    """For the doctor: what the newest file was sealed with, and how many there are."""
    f = EvidenceFile
    columns: tuple[Any, ...] = (f.stored_as, f.sealed_key, f.size, f.sha256, func.count().over().label("count"))
    return conn.execute(select(*columns).where(f.deleted_at.is_(None)).order_by(f.id.desc()).limit(1)).first()
