"""When a digest is due. Pure: a member's hour in the member's zone, and what the clock says.

A slot is a local date at the hour. An hour that a clock change leaves out falls on the moment of the change, and of one that
comes twice the first counts: so each date has exactly one slot (M14).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def slot_on(day: dt.date, hour: int, where: dt.tzinfo) -> dt.datetime:
    """The moment, in UTC, of this date's slot."""
    return dt.datetime.combine(day, dt.time(hour), where).astimezone(dt.UTC)


def latest_slot(now: dt.datetime, hour: int, where: dt.tzinfo) -> dt.datetime:
    """The latest slot that is not after `now`."""
    today = now.astimezone(where).date()
    return max(slot for slot in (slot_on(today - n * DAY, hour, where) for n in (-1, 0, 1, 2)) if slot <= now)


def next_slot(after: dt.datetime, hour: int, where: dt.tzinfo) -> dt.datetime:
    """The first slot later than `after`."""
    today = after.astimezone(where).date()
    return min(slot for slot in (slot_on(today + n * DAY, hour, where) for n in (-1, 0, 1, 2)) if slot > after)


def due_slot(latest: dt.datetime, done: dt.datetime | None, floor: dt.datetime) -> dt.datetime | None:
    """The latest slot, if it is later than the last one done and than `floor`: when the member joined or changed the schedule.

    A clock set back therefore repeats nothing, and one set forward takes the coming slot at most.
    """
    return latest if latest > floor and (done is None or latest > done) else None


def nothing_up_to(now: dt.datetime, old_hour: int, new_hour: int, where: dt.tzinfo) -> dt.datetime:
    """Up to when no slot of a new hour counts: a date whose slot has been has no second one."""
    today = now.astimezone(where).date()
    return max(now, slot_on(today, new_hour, where)) if slot_on(today, old_hour, where) <= now else now


def is_weekly(slot: dt.datetime, weekday: int, where: dt.tzinfo) -> bool:
    """Whether the weekly forums join this slot. Monday is 0."""
    return slot.astimezone(where).weekday() == weekday


def coming_slot(after: dt.datetime, hour: int, where: dt.tzinfo, quiet_weekend: bool) -> dt.datetime:
    """The next slot that a digest is made for."""
    slot = next_slot(after, hour, where)
    while quiet_weekend and is_weekend(slot, where):
        slot = next_slot(slot, hour, where)
    return slot


def is_weekend(slot: dt.datetime, where: dt.tzinfo) -> bool:
    return slot.astimezone(where).weekday() >= 5


def quiet_weekday(weekday: int) -> int:
    """The weekly day of who wants quiet weekends: what would come on one comes on Monday."""
    return weekday if weekday < 5 else 0


def counts_since(slot: dt.datetime, done: dt.datetime | None, floor: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """From when messages count: the last slot done, or a span before this slot where there is none; never from before `floor`."""
    return max(done if done is not None else slot - span, floor)
