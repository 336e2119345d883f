"""When a digest is due, over clock changes and around the world."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.digest.schedule import counts_since, due_slot, is_weekly, latest_slot, next_slot, slot_on

UTC = dt.UTC
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns", "Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham",
    "Australia/Lord_Howe", "Pacific/Honolulu", "America/Havana",
)  # fmt: skip


def _turns(name: str) -> list[dt.datetime]:
    """The quarter of an hour in which the zone's clock changes, twice in 2026 where it does; else two ordinary days."""
    zone, start = ZoneInfo(name), dt.datetime(2026, 1, 1, tzinfo=UTC)
    quarters = [start + n * HOUR / 4 for n in range(365 * 96)]
    offsets = [q.astimezone(zone).utcoffset() for q in quarters]
    found = [q for q, before, here in zip(quarters[1:], offsets, offsets[1:], strict=False) if before != here]
    return found or [start + 70 * DAY, start + 300 * DAY]


def _run_every(minutes: int, name: str, hour: int, start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """The slots that a worker does that looks every so many minutes."""
    done, at = [], start
    while at <= end:
        slot = due_slot(latest_slot(at, hour, ZoneInfo(name)), done[-1] if done else None, start)
        if slot is not None:
            done.append(slot)
        at += dt.timedelta(minutes=minutes)
    return done


@pytest.mark.parametrize("name", ZONES)
def test_each_local_date_has_exactly_one_slot_over_both_clock_changes(name: str) -> None:  # M14
    for turn in _turns(name):
        for hour in (0, 1, 2, 3, 7, 23):
            done = _run_every(15, name, hour, turn - 3 * DAY, turn + 3 * DAY)
            dates = [slot.astimezone(ZoneInfo(name)).date() for slot in done]
            assert dates == sorted(set(dates)), (name, turn, hour)
            assert len(dates) in (5, 6, 7), (name, turn, hour)
            assert dates[-1] - dates[0] == (len(dates) - 1) * DAY, (name, turn, hour)


def test_the_hour_that_is_left_out_and_the_one_that_comes_twice() -> None:  # M14
    zone = ZoneInfo("America/New_York")
    assert slot_on(dt.date(2026, 3, 8), 2, zone) == dt.datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # the moment of the change: 3:00 there
    first = dt.datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert slot_on(dt.date(2026, 11, 1), 1, zone) == first
    assert latest_slot(first + HOUR + HOUR / 2, 1, zone) == first  # in the second 1:00 to 2:00 the first is still the latest


_zones = st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"}))
_moments = st.integers(0, 36 * 365 * 24 * 60 * 60).map(lambda s: dt.datetime(2001, 1, 1, tzinfo=UTC) + dt.timedelta(seconds=s))


@given(now=_moments, hour=st.integers(0, 23), name=_zones)
@settings(max_examples=300, deadline=None)
def test_the_latest_slot_is_the_latest(now: dt.datetime, hour: int, name: str) -> None:
    zone = ZoneInfo(name)
    latest, coming = latest_slot(now, hour, zone), next_slot(now, hour, zone)
    assert latest <= now < coming
    assert dt.timedelta(0) < coming - latest <= 2 * DAY + HOUR  # two days where a zone leaves out a date
    assert latest_slot(coming - dt.timedelta(microseconds=1), hour, zone) == latest
    assert latest_slot(coming, hour, zone) == coming


@given(moves=st.lists(st.integers(-26 * 60, 26 * 60), min_size=1, max_size=40), hour=st.integers(0, 23), name=st.sampled_from(ZONES))
@settings(max_examples=200, deadline=None)
def test_a_clock_that_jumps_repeats_no_slot(moves: list[int], hour: int, name: str) -> None:  # M14
    at = dt.datetime(2026, 10, 20, tzinfo=UTC)
    floor, last, done = at - 30 * DAY, None, []
    for minutes in moves:
        at += dt.timedelta(minutes=minutes)
        slot = due_slot(latest_slot(at, hour, ZoneInfo(name)), last, floor)
        if slot is not None:
            last = slot
            done.append(slot.astimezone(ZoneInfo(name)).date())
    assert done == sorted(set(done))


def test_a_slot_counts_only_after_joining_or_changing_the_schedule() -> None:
    slot = dt.datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert due_slot(slot, None, slot - HOUR) == slot
    assert due_slot(slot, None, slot) is None
    assert due_slot(slot, slot, slot - DAY) is None
    assert due_slot(slot, slot + DAY, slot - DAY) is None


def test_from_when_messages_count() -> None:
    slot = dt.datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    long_ago = slot - 300 * DAY
    assert counts_since(slot, slot - DAY, long_ago, 7 * DAY) == slot - DAY
    assert counts_since(slot, None, long_ago, 7 * DAY) == slot - 7 * DAY
    assert counts_since(slot, slot - DAY, slot - HOUR, 7 * DAY) == slot - HOUR


def test_the_weekly_day_is_the_members_own() -> None:
    slot = dt.datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # Tuesday in London, Monday in Los Angeles
    assert is_weekly(slot, 1, ZoneInfo("Europe/London"))
    assert is_weekly(slot, 0, ZoneInfo("America/Los_Angeles"))
    assert not is_weekly(slot, 1, ZoneInfo("America/Los_Angeles"))
