"""When a member is asked whether all is as it was, and what follows if nobody answers. Pure: dates in, dates out.

A member's due date is the last day of their own month: that of their approval, or of the last time it was confirmed. A stage is done on
its day, and a late one moves what follows: no notice is ever shorter than it says, also after a server stood still for weeks.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import NamedTuple

DAY = dt.timedelta(days=1)
NEW_DAY = dt.timedelta(hours=6)  # a day begins at six in the morning: nobody's phone rings at midnight
NOTICE = 14 * DAY  # the least between the first letter and the due date
FIRST_NOTICE = 30 * DAY  # the least between planning and the due date, or the first look at who is quiet
QUIET = 90 * DAY  # without a sign-in or an answer by mail
QUIET_ANSWER = 14 * DAY


class Stage(enum.IntEnum):
    CALM = 0
    ASKED = 1
    AGAIN = 2
    LAST = 3
    GRACE = 4  # the due date is over; nothing changes yet
    RESTRICTED = 5
    WARNED = 6
    SUSPENDED = 7


DAYS = {
    Stage.ASKED: -30, Stage.AGAIN: -14, Stage.LAST: -3, Stage.GRACE: 1, Stage.RESTRICTED: 15, Stage.WARNED: 38, Stage.SUSPENDED: 45,
}  # fmt: skip
_REMINDERS = (Stage.ASKED, Stage.AGAIN, Stage.LAST)


class Plan(NamedTuple):
    by: dt.date
    stage: Stage


def today_of(now: dt.datetime, zone: dt.tzinfo) -> dt.date:
    return (now - NEW_DAY).astimezone(zone).date()


def month_end(day: dt.date) -> dt.date:
    first_of_next = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return first_of_next - DAY


def _a_year_on(day: dt.date) -> dt.date:
    """The end of the same month a year later."""
    return month_end(dt.date(day.year + 1, day.month, 1))


def first_due(since: dt.date, today: dt.date) -> dt.date:
    """The due date of someone for whom none is planned: a year after `since`, and if that is over, the next end of their own month."""
    due = _a_year_on(since)
    while due < today + FIRST_NOTICE:
        due = _a_year_on(due)
    return due


def next_due(by: dt.date | None, today: dt.date) -> dt.date:
    """After a confirmation: a year later. Who answers in the weeks before the due date keeps their month."""
    is_early = by is not None and today <= by <= today - DAYS[Stage.ASKED] * DAY
    return _a_year_on(by if by is not None and is_early else today)


def day_of(by: dt.date, stage: Stage) -> dt.date:
    return by + DAYS[stage] * DAY


def next_day(plan: Plan) -> dt.date | None:
    """When something is to be done next; None once there is nothing more."""
    return None if plan.stage is Stage.SUSPENDED else day_of(plan.by, Stage(plan.stage + 1))


def due(plan: Plan, today: dt.date) -> Plan | None:
    """What is to be done today: the stage that is reached, and the due date from then on. None: nothing."""
    by = plan.by
    if plan.stage is Stage.CALM and today >= day_of(by, Stage.ASKED):
        by = max(by, today + NOTICE)
    if plan.stage < Stage.GRACE and today <= by:
        reached = [stage for stage in _REMINDERS if stage > plan.stage and day_of(by, stage) <= today]
        return Plan(by, reached[-1]) if reached else None
    if plan.stage is Stage.SUSPENDED:
        return None
    stage = max(Stage.GRACE, Stage(plan.stage + 1))
    late = today - day_of(by, stage)
    return Plan(by + late, stage) if late >= dt.timedelta() else None
