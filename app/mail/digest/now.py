"""Today's digest before its hour, because a member asks for it: what it holds is not in the next one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import audit, clock, jobs
from app.core.access import Actor
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Conflict
from app.forum.operations.writing import SETTLES
from app.mail import defaults
from app.mail.digest import readers
from app.mail.digest.run import Run
from app.mail.models import DigestSettings, DigestSlot

KIND = "digest.now"
APART = dt.timedelta(minutes=10)


def register(settings: Settings) -> None:
    @jobs.handler(KIND)
    def handle(db: Database, payload: dict[str, Any]) -> None:
        make(db, settings, payload)


def ask(session: Session, actor: Actor) -> None:
    """Refused where no digest is wanted, and within ten minutes of the last."""
    me, now = actor.member_id, clock.now()
    chosen = session.execute(select(DigestSettings).where(DigestSettings.member_id == me).with_for_update()).scalar_one_or_none()
    if not (chosen.on if chosen else defaults.of_member(session, me).on):
        raise Conflict("Your digest is off. Turn it on and save, then ask for it.")
    made = session.execute(select(func.max(DigestSlot.made_at)).where(DigestSlot.member_id == me, DigestSlot.messages > 0)).scalar_one()
    if made is not None and made > now - APART:
        raise Conflict("Your last digest was made a few minutes ago. Ask again a little later.")
    jobs.enqueue(session, KIND, {"member": me, "at": now.isoformat()}, now + SETTLES)  # none of what it holds can be taken back by then
    audit.record(session, actor, "digest.now", ("member", me))


def make(db: Database, settings: Settings, payload: dict[str, Any]) -> int:
    """Queue it, with the moment of asking as its slot: done twice, the slot is there already."""
    at = dt.datetime.fromisoformat(payload["at"])
    run = Run(db, settings, at)
    with db.read() as conn:
        reader = readers.at_this_moment(conn, payload["member"], at, run.site)
    return run.queue([reader]) if reader is not None else 0
