"""Every change of a case ends the same way: a new version, which makes older ones stale, and a line in the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.membership.models import Application


def changed(session: Session, actor: Actor, application: Application, verb: str, **detail: Any) -> Application:
    application.version += 1
    session.flush()
    audit.record(session, actor, verb, ("application", application.id), **detail)
    return application
