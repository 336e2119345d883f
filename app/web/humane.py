"""Times and numbers as people say them. Template filters; the zone and the present moment are always given."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo


@lru_cache(maxsize=100)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def clock_time(moment: dt.datetime) -> str:
    """7:52 AM."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"


def day(moment: dt.datetime, tz: dt.tzinfo, now: dt.datetime) -> str:
    """Oct 28, or Oct 28, 2025 in another year."""
    local = moment.astimezone(tz)
    text = f"{local:%b} {local.day}"
    return text if local.year == now.astimezone(tz).year else f"{text}, {local.year}"


def exact(moment: dt.datetime, tz: dt.tzinfo, now: dt.datetime) -> str:
    """Oct 28, 8:41 AM."""
    return f"{day(moment, tz, now)}, {clock_time(moment.astimezone(tz))}"


def ago(moment: dt.datetime, tz: dt.tzinfo, now: dt.datetime) -> str:
    """12 min ago, 3 hours ago, yesterday, Fri 4:15 PM, Nov 17."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    days = (now.astimezone(tz).date() - moment.astimezone(tz).date()).days
    if days == 0:
        hours = int(seconds // 3600)
        return f"{hours} hour{'s' if hours > 1 else ''} ago"
    if days == 1:
        return "yesterday"
    if days < 6:
        local = moment.astimezone(tz)
        return f"{local:%a} {clock_time(local)}"
    return day(moment, tz, now)


def month_start(moment: dt.datetime, tz: dt.tzinfo) -> dt.datetime:
    return moment.astimezone(tz).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def span(length: dt.timedelta) -> str:
    """35 minutes, 31 hours, 4 days: how long something waits or took."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 3600:
        return plural(max(1, int(seconds // 60)), "minute")  # "0 minutes" reads as if a figure were missing
    if seconds < 48 * 3600:
        return plural(int(seconds // 3600), "hour")
    return plural(int(seconds // 86400), "day")


def plural(count: int, one: str, many: str = "") -> str:
    """`plural(3, "reply", "replies")`: 3 replies."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def paragraphs(text: str) -> list[str]:
    """A plain text's paragraphs: what blank lines part."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def file_size(count: int) -> str:
    """210 KB, 1.4 MB: in thousands, as people's machines say it."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB"
    return f"{count / 1_000_000:.1f} MB"


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "exact": exact,
    "ago": ago,
    "plural": plural,
    "span": span,
    "file_size": file_size,
    "paragraphs": paragraphs,
}
