"""How notifications are written: many at once, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.mail.notices.models import Notification


def put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """What a member was told under that key already stays as it is."""
    if rows:
        dialect = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
        session.connection().execute(dialect(Notification.__table__).on_conflict_do_nothing(), list(rows))  # type: ignore[arg-type]
