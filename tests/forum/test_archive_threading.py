"""Which messages belong together. Pure, so tried with whatever hypothesis thinks of."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from app.forum.archive.files import Place
from app.forum.archive.threading import WINDOW, Head, sort

DAY = 24 * 3600


def head(number: int, *answers: int, subject: int = 0, is_reply: bool = False, day: float = 0, order: int | None = None) -> Head:
    place = Place(0, number, 1, number)
    return Head(place, number, answers, subject, is_reply, int(day * DAY) + 10**9, 0, number if order is None else order)


def groups(heads: list[Head], ids: int = 40) -> list[list[int]]:
    return [[one.number for one in group.heads] for group in sort(heads, ids).groups]


def test_messages_that_name_each_other_are_one_thread_also_by_way_of_a_missing_one() -> None:
    assert groups([head(0), head(1, 0, day=1), head(2, 0, 1, day=2), head(3, day=3)]) == [[0, 1, 2], [3]]
    assert groups([head(1, 0, day=1), head(2, 0, day=2)]) == [[1, 2]]
    assert sort([head(1, 0, day=1), head(2, 0, day=2)], 3).groups[0].known == {0, 1, 2}


def test_a_reply_without_its_beginning_joins_the_latest_of_its_subject() -> None:
    first, second = head(0, subject=7), head(1, subject=7, day=20)
    answer = head(2, subject=7, is_reply=True, day=31)
    assert groups([first, second, answer]) == [[0], [1, 2]]
    assert groups([first, answer]) == [[0], [2]]  # silent for too long
    within = head(2, subject=7, is_reply=True, day=WINDOW / DAY)
    assert groups([first, within]) == [[0, 2]]
    assert groups([first, head(2, 30, subject=7, is_reply=True, day=3)]) == [[0, 2]]  # what it answers is lost
    assert groups([first, head(2, 30, subject=7, day=3)]) == [[0], [2]]
    assert groups([head(0), head(1, is_reply=True, day=1)]) == [[0], [1]]  # no subject at all


def test_each_reply_lengthens_the_window() -> None:
    chain = [head(n, subject=7, is_reply=n > 0, day=25 * n) for n in range(6)]
    assert groups(chain) == [[0, 1, 2, 3, 4, 5]]


def test_nothing_stands_before_what_it_answers() -> None:
    assert groups([head(0, day=5), head(1, 0, day=4), head(2, 1, day=3), head(3, 0, day=6)]) == [[0, 1, 2, 3]]
    assert groups([head(0, 1, day=2), head(1, 0, day=1)]) == [[1, 0]]  # each says it answers the other
    assert groups([head(0, 0, day=2)]) == [[0]]


def test_messages_of_one_moment_stay_as_the_archive_has_them() -> None:
    assert groups([head(n, 0, order=10 - n) if n else head(0, order=0) for n in range(5)]) == [[0, 4, 3, 2, 1]]


def test_a_message_that_stands_twice_is_one() -> None:
    found = sort([head(0), head(1, 0, day=1), head(1, 0, day=1, order=9)], 2)
    assert (len(found.groups[0].heads), found.duplicates) == (2, 1)


def test_a_thread_of_thousands_is_no_trouble() -> None:
    chain = [head(n, *([n - 1] if n else []), day=-n, order=9000 - n) for n in range(9000)]
    assert groups(chain, 9000) == [list(range(9000))]


@st.composite
def archives(draw: st.DrawFn) -> list[Head]:
    numbers = draw(st.lists(st.integers(0, 19), min_size=1, max_size=14))
    return [
        head(
            number,
            *draw(st.lists(st.integers(0, 29), max_size=3)),
            subject=draw(st.integers(0, 3)),
            is_reply=draw(st.booleans()),
            day=draw(st.integers(0, 80)),
            order=order,
        )
        for order, number in enumerate(numbers)
    ]


@given(archives(), st.randoms(use_true_random=False))
def test_the_same_messages_give_the_same_threads_in_whatever_order_they_come(heads: list[Head], chance: random.Random) -> None:
    expected = groups(heads)
    assert sorted(number for group in expected for number in group) == sorted({one.number for one in heads})
    mixed = heads[:]
    chance.shuffle(mixed)
    assert groups(mixed) == expected


@given(archives())
def test_whoever_names_another_is_in_its_thread(heads: list[Head]) -> None:
    where = {number: n for n, group in enumerate(groups(heads)) for number in group}
    for one in heads:
        for answered in one.answers:
            assert where.get(answered, where[one.number]) == where[one.number]
