"""What a person would want first. Pure, and one function: whatever is to count some day, such as answers or comparable agencies, joins
the facts and is weighed here."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from app.forum.models import ThreadKind

Rank = tuple["Tier", int, int, int]
"""The smaller comes first: the tier, within it what weighs, the newest, and the thread's number, so that there is always one order."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Tier(enum.IntEnum):
    TOOK_PART = 0  # replies to my threads, and where I took part
    UNANSWERED = 1  # questions that nobody has answered
    LESSON = 2
    REST = 3  # by how many agencies take part


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a thread with new messages, the same for every reader. `newest`: of what is new."""

    thread_id: int
    kind: str
    replies: int
    agencies: int
    newest: dt.datetime


def tier(facts: Facts, took_part: bool) -> Tier:
    if took_part:
        return Tier.TOOK_PART
    if facts.kind == ThreadKind.QUESTION and facts.replies == 0:
        return Tier.UNANSWERED
    return Tier.LESSON if facts.kind == ThreadKind.LESSON else Tier.REST


def rank(facts: Facts, took_part: bool = False) -> Rank:
    """Where a thread stands for a reader who started it or wrote in it, or for one who did neither. Ties go to the newest."""
    where = tier(facts, took_part)
    weight = -facts.agencies if where is Tier.REST else 0
    return where, weight, -((facts.newest - _EPOCH) // _MICROSECOND), -facts.thread_id
