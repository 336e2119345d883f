"""What a person would want first."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.digest.rank import Facts, Tier, rank, tier

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def facts(thread_id: int = 1, kind: str = "discussion", replies: int = 3, agencies: int = 2, minutes: float = 0) -> Facts:
    return Facts(thread_id, kind, replies, agencies, NOON + dt.timedelta(minutes=minutes))


def test_ones_own_threads_then_open_questions_then_lessons_then_by_agencies() -> None:
    in_order = [
        (facts(1, minutes=1), True),
        (facts(2, "question", replies=0), True),
        (facts(3, "question", replies=0, minutes=1), False),
        (facts(4, "question", replies=0, agencies=9), False),
        (facts(5, "lesson", agencies=1, minutes=1), False),
        (facts(6, "lesson", agencies=9), False),
        (facts(7, "notice", replies=0, agencies=4), False),
        (facts(8, "question", replies=1, agencies=3), False),
        (facts(9, "discussion", agencies=2, minutes=1), False),
        (facts(11, "discussion", agencies=2), False),
        (facts(10, "discussion", agencies=2), False),
    ]
    assert sorted(in_order, key=lambda one: rank(*one)) == in_order


_facts = st.builds(
    facts, st.integers(1, 60), st.sampled_from(["lesson", "question", "discussion", "notice"]), st.integers(0, 3), st.integers(0, 5),
    st.floats(-10_000, 10_000),
)  # fmt: skip
_threads = st.lists(st.tuples(_facts, st.booleans()), max_size=30, unique_by=lambda one: one[0].thread_id)


@given(_threads, st.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_is_one_and_the_same_however_they_come(threads: list[tuple[Facts, bool]], chance: object) -> None:
    ranks = [rank(*one) for one in threads]
    assert len(set(ranks)) == len(ranks)
    shuffled = list(threads)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(shuffled, key=lambda one: rank(*one)) == sorted(threads, key=lambda one: rank(*one))


@given(_facts, _facts)
@settings(max_examples=300, deadline=None)
def test_what_is_ones_own_beats_all_and_ties_go_to_the_newest(one: Facts, other: Facts) -> None:
    assert rank(one, True) < rank(other, False)
    if tier(one, False) == tier(other, False) and (one.agencies == other.agencies or tier(one, False) is not Tier.REST):
        if one.newest != other.newest:
            assert (rank(one) < rank(other)) == (one.newest > other.newest)
    elif tier(one, False) is Tier.REST is tier(other, False):
        assert (rank(one) < rank(other)) == (one.agencies > other.agencies)
