"""Impersonation drills: each quarter somebody tries to get in as a chief who they are not; the result is kept (V14)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from app.association import access
from app.association.models import Drill
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import Forbidden, Invalid
from app.core.fields import Form, Reason

SHOWN = 12
QUARTER = dt.timedelta(days=92)


def _after_1999(day: dt.date) -> dt.date:
    if day.year < 2000:
        raise ValueError("must be a day of this century")
    return day


class DrillForm(Form):
    held_on: Annotated[dt.date, AfterValidator(_after_1999)]
    outcome: Literal["stopped", "got_in"]
    note: Reason


def record(session: Session, actor: Actor, form: DrillForm) -> None:
    actor.require(Right.ADMIN)
    if not actor.may_write:
        raise Forbidden
    now = clock.now()
    if form.held_on > now.date() + dt.timedelta(days=1):  # it may be tomorrow already where they are
        raise Invalid(held_on="This day has not come yet.")
    was_stopped = form.outcome == "stopped"
    drill = Drill(held_on=form.held_on, was_stopped=was_stopped, note=form.note, recorded_by=actor.member_id, recorded_name=actor.name,
                  recorded_at=now)  # fmt: skip
    session.add(drill)
    session.flush()
    audit.record(session, actor, "drill.record", ("drill", drill.id), held_on=form.held_on, stopped=was_stopped)


def latest(conn: Connection, actor: Actor, limit: int = SHOWN) -> list[Row[Any]]:
    return list(conn.execute(access.visible_drills(actor).order_by(Drill.held_on.desc(), Drill.id.desc()).limit(limit)).all())
