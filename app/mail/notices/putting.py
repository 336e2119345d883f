"""How notifications are written: many at once, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.core.sql import insert_into
from app.mail.notices.models import Notification


def put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """What a member was told under that key already stays as it is."""
    if rows:
        session.connection().execute(insert_into(session, Notification.__table__).on_conflict_do_nothing(), list(rows))
