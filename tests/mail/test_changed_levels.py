"""A forum whose level is changed: the next digest holds what was not told of it yet, and nothing is told twice."""

from __future__ import annotations

import datetime as dt

import pytest

from app.mail.digest.run import queue_digests
from tests.mail.helpers import SLOT, digests, mails, reply, thread, whole
from tests.mail.test_mail_defaults import titles
from tests.world import World

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def set_level(world: World, *levels: str, weekday: int | None = None) -> None:
    for level in levels:
        form = {"forums": {"patrol": level}, **({} if weekday is None else {"digest": {"weekday": weekday}})}
        assert world.script("colleague").call("PUT", "/me/subscriptions", form).status_code == 200


@pytest.mark.parametrize("levels", [("daily",), ("none", "daily"), ("daily", "weekly", "daily"), ("each",)])
def test_a_weekly_forum_that_becomes_daily_loses_nothing_and_repeats_nothing(world: World, levels: tuple[str, ...]) -> None:
    set_level(world, "weekly", weekday=1)
    thread(world, "Of Monday")
    goes_on = thread(world, "Goes on")
    digests(world)  # a Tuesday: the week's
    thread(world, "Of Tuesday", at=SLOT + HOUR)
    reply(world, goes_on, "A new word.", at=SLOT + HOUR)
    thread(world, "A notice", forum="notices", by="admin", at=SLOT + HOUR)
    digests(world, SLOT + DAY)
    world.now = SLOT + DAY + HOUR
    set_level(world, *levels)
    thread(world, "Of Wednesday", at=SLOT + DAY + 2 * HOUR)
    for n in range(2, 9):
        digests(world, SLOT + n * DAY)
    assert titles(world, "colleague") == [["Monday"], [], ["Tuesday", "Wednesday"]]
    said = [whole(message) for message in mails(world, "colleague")]
    assert ["A notice" in one for one in said] == [False, True, False]
    assert ["A new word." in one for one in said] == [False, False, True]
    assert "since Tuesday" in said[2]


def test_a_mistake_that_is_put_right_at_once_loses_nothing(world: World) -> None:
    set_level(world, "weekly", weekday=3)
    thread(world, "Of Monday")
    digests(world)
    world.now = SLOT + HOUR
    set_level(world, "none", "daily", "weekly")
    for n in range(1, 9):
        digests(world, SLOT + n * DAY)
    assert titles(world, "colleague") == [["Monday"]]


def test_what_their_class_had_weekly_and_they_want_daily_comes_once(world: World) -> None:
    from tests.mail.test_mail_defaults import save

    save(world, sworn={"level": "weekly"})
    thread(world, "Of Monday")
    digests(world)
    world.now = SLOT + HOUR
    set_level(world, "daily")
    thread(world, "Of Tuesday", at=SLOT + 2 * HOUR)
    for n in range(1, 8):
        digests(world, SLOT + n * DAY)
    assert titles(world, "colleague") == [["Monday", "Tuesday"]]


def test_what_was_posted_while_the_digest_was_off_does_not_come_with_it(world: World) -> None:
    set_level(world, "weekly", weekday=3)
    thread(world, "Of Monday")
    digests(world)
    for n, on in ((1, False), (3, True)):
        world.now = SLOT + n * HOUR
        world.script("colleague").call("PUT", "/me/subscriptions", {"digest": {"on": on}})
    set_level(world, "daily")
    thread(world, "Of Tuesday", at=SLOT + 4 * HOUR)
    digests(world, SLOT + DAY)
    assert titles(world, "colleague") == [["Tuesday"]]


@pytest.mark.parametrize(("before", "after"), [("weekly", "daily"), ("daily", "weekly")])
def test_a_change_while_the_digest_waits_to_be_sent_changes_the_next_one(world: World, before: str, after: str) -> None:  # M13
    set_level(world, before, weekday=3)
    thread(world, "Of Monday")
    thread(world, "A notice", forum="notices", by="admin")
    queue_digests(world.db, world.settings, SLOT)
    world.now = SLOT + HOUR
    set_level(world, after)
    for n in range(8):
        digests(world, SLOT + n * DAY + HOUR)
    told = [["Monday"]] if before == "daily" else [[], ["Monday"]]
    assert titles(world, "colleague") == told
