"""When a member is asked, and what follows: dates alone."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from app.membership.staying.calendar import DAY, FIRST_NOTICE, NOTICE, Plan, Stage, day_of, due, first_due, month_end, next_day, next_due

DATES = st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_due_date_is_the_end_of_the_own_month() -> None:  # V11
    assert month_end(day("2028-02-01")) == day("2028-02-29")
    assert month_end(day("2026-12-31")) == day("2026-12-31")
    assert first_due(day("2026-11-23"), day("2026-11-23")) == day("2027-11-30")
    assert first_due(day("2019-10-05"), day("2026-11-23")) == day("2027-10-31")
    assert next_due(day("2027-02-28"), day("2027-01-31")) == day("2028-02-29"), "who answers early keeps their month"
    assert next_due(day("2027-02-28"), day("2027-03-20")) == day("2028-03-31")
    assert next_due(None, day("2027-05-02")) == day("2028-05-31")


def test_each_stage_comes_on_its_day() -> None:  # V11
    plan, seen = Plan(day("2027-10-31"), Stage.CALM), {}
    for n in range(400):
        today = day("2027-09-01") + n * DAY
        if reached := due(plan, today):
            seen[reached.stage], plan = today, reached
    assert {stage.name: str(on) for stage, on in seen.items()} == {
        "ASKED": "2027-10-01", "AGAIN": "2027-10-17", "LAST": "2027-10-28", "GRACE": "2027-11-01", "RESTRICTED": "2027-11-15",
        "WARNED": "2027-12-08", "SUSPENDED": "2027-12-15",
    }  # fmt: skip


@given(DATES, st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_however_late_a_pass_is_no_notice_is_shortened(by: dt.date, gaps: list[int]) -> None:
    plan, today, told = Plan(by, Stage.CALM), by - 60 * DAY, {}
    for gap in gaps:
        today += gap * DAY
        reached = due(plan, today)
        if reached is not None:
            assert reached.stage > plan.stage
            assert reached.by >= plan.by
            plan = reached
            told[reached.stage] = today
            assert due(plan, today) is None, "the same day again does nothing"
            following = next_day(plan)
            assert following is None or following > today
    first = min(told.values(), default=today)
    if Stage.GRACE in told:
        assert told[Stage.GRACE] - first > NOTICE
    if Stage.RESTRICTED in told:
        assert told[Stage.RESTRICTED] - told[Stage.GRACE] >= NOTICE
    if Stage.SUSPENDED in told:
        assert told[Stage.SUSPENDED] - told[Stage.RESTRICTED] >= 30 * DAY
        assert told[Stage.SUSPENDED] - told[Stage.WARNED] >= 7 * DAY


@given(DATES, DATES)
def test_a_confirmation_is_asked_again_within_thirteen_months_or_so(since: dt.date, today: dt.date) -> None:  # V11
    found = first_due(since, max(since, today))
    assert found >= max(since, today) + FIRST_NOTICE
    assert found.month == since.month
    assert 337 <= (next_due(None, today) - today).days <= 397
    assert next_due(found, today) - today <= 397 * DAY or next_due(found, today).month == found.month
    assert day_of(found, Stage.ASKED) < found
