"""Which statement is asked for now, and which a case's applicant accepted. Whoever applies reads the text."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Invalid
from app.core.site import SiteRow
from app.core.sql import insert_into
from app.membership.models import Application
from app.membership.statements.models import Statement

BUILT_IN = (
    "I work for the agency named here, or did until I retired, or I apply as a partner or as staff of the association. "
    "What I wrote is true. I understand that the association calls my agency back, that use is recorded, and that I may not post "
    "criminal justice information."
)
SHOWN: tuple[Any, ...] = (Statement.text.label("statement_text"), Statement.first_accepted_at.label("statement_since"))
"""Columns for a statement that goes `with_text`."""


class Asked(NamedTuple):
    version: str
    text: str


def current(conn: Connection | Session) -> Asked:
    """What an applicant is asked to accept now: the association's words, or ours where it wrote none."""
    text = conn.execute(select(SiteRow.statement).where(SiteRow.id == 1)).scalar() or BUILT_IN
    return Asked(hashlib.sha256(text.encode()).hexdigest(), text)


def is_current(conn: Connection | Session, read: str) -> bool:
    """Whether the version that stood on the page is still the one; a page that names none showed none that could be older."""
    return read in ("", current(conn).version)


def accepted(session: Session, read: str) -> str:
    """The version that is accepted now, kept with its text from the first time on. Refused where the page showed another."""
    if not is_current(session, read):
        raise Invalid(statement="This text was changed while you had the page open. Please read it again and tick it.")
    asked = current(session)
    row = {"version": asked.version, "text": asked.text, "first_accepted_at": clock.now()}
    session.execute(insert_into(session, Statement).values(row).on_conflict_do_nothing())
    return asked.version


def with_text(statement: Select[Any]) -> Select[Any]:
    """A statement over applications, with what each one's applicant accepted."""
    return statement.outerjoin(Statement, Statement.version == Application.statement_version)
