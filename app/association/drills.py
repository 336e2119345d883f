"""Impersonation drills: each quarter somebody tries to get in as a chief who they are not; the result is kept (V14)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from app.association import access
from app.association.models import Drill
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.db import Database
from app.core.errors import Forbidden, Invalid
from app.core.fields import Form, Reason
from app.membership import alarms

SHOWN = 12
QUARTER = dt.timedelta(days=92)
AGAIN = dt.timedelta(days=30)  # how often administrators are told, until a drill is recorded


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


@dataclass(frozen=True, slots=True)
class Due:
    """A drill is due since this day, as the last one was on `last`; none: there was none, and the association is older than a quarter."""

    since: dt.date
    last: dt.date | None


def due(conn: Connection | Session, now: dt.datetime) -> Due | None:
    last = access.last_drill(conn)
    since = last or access.begun_on(conn)
    if since is None or now.date() - since <= QUARTER:
        return None
    return Due(since + QUARTER, last)


def remind(db: Database) -> bool:
    """Write to every administrator while a drill is due; doing it again writes no second letter in the same month."""
    now = clock.now()
    with db.write() as session:
        found = due(session, now)
        if found is not None:
            alarms.drill_due(session, f"drill-due:{found.since}:{(now.date() - found.since) // AGAIN}")
        return found is not None


def latest(conn: Connection, actor: Actor, limit: int = SHOWN) -> list[Row[Any]]:
    return list(conn.execute(access.visible_drills(actor).order_by(Drill.held_on.desc(), Drill.id.desc()).limit(limit)).all())
