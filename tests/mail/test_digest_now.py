"""Today's digest before its hour: what it holds is not in the next one."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core import clock, jobs
from app.core.audit import AuditEvent
from app.forum.operations.writing import SETTLES
from app.mail.delivery import Delivery
from app.mail.digest import readers
from app.mail.digest.run import Run
from tests.mail.helpers import SLOT, digests, mails, thread, whole
from tests.world import World

BEFORE = SLOT - dt.timedelta(hours=3)


def ask(world: World, key: str = "sheriff") -> int:
    return world.browser(key).post("/settings/mail/now", {}, page="/settings/mail").status_code


def work(world: World) -> None:
    with clock.at(lambda: world.now + SETTLES):
        while claimed := jobs.claim(world.db):
            for one in claimed:
                jobs.run(world.db, *one)
        Delivery(world.db, world.settings).run()


def titles(world: World, *wanted: str) -> list[list[str]]:
    """Of each of the sheriff's digests, which of these it holds."""
    return [[title for title in wanted if title in whole(m)] for m in mails(world, "sheriff")]


def test_it_comes_at_once_and_nothing_comes_twice(world: World) -> None:
    world.now = BEFORE
    thread(world, "Before asking", at=BEFORE - dt.timedelta(hours=1))
    assert ask(world) == 303
    work(world)
    assert titles(world, "Before asking") == [["Before asking"]]
    thread(world, "After asking", at=BEFORE + dt.timedelta(hours=1))
    digests(world)
    assert titles(world, "Before asking", "After asking") == [["Before asking"], ["After asking"]]
    assert world.count(AuditEvent, AuditEvent.verb == "digest.now") == 1


def test_nothing_new_is_no_mail(world: World) -> None:
    world.now = BEFORE
    assert ask(world) == 303
    work(world)
    assert mails(world, "sheriff") == []


def test_it_is_made_once_however_often_the_work_is_done(world: World) -> None:  # M12
    world.now = BEFORE
    thread(world, "Once", at=BEFORE - dt.timedelta(hours=1))
    ask(world)
    with clock.at(lambda: world.now + SETTLES):
        (number, kind, payload) = jobs.claim(world.db)[-1]
        jobs.run(world.db, number, kind, payload)
        jobs.run(world.db, number, kind, payload)
        Delivery(world.db, world.settings).run()
    assert titles(world, "Once") == [["Once"]]


@pytest.mark.parametrize("asked_first", [True, False])
def test_the_one_of_the_hour_at_the_same_moment_is_not_a_second(world: World, asked_first: bool) -> None:  # M12
    """Both were chosen before either was queued, as two workers may."""
    thread(world, "Once")
    world.now = SLOT + dt.timedelta(seconds=5)
    me = world.id("sheriff")
    with clock.at(lambda: world.now):
        run = Run(world.db, world.settings, world.now)
        with world.db.read() as conn:
            own = [r for batch in readers.due(world.db, world.now, run.site) for r in batch if r.id == me]
            asked = readers.at_this_moment(conn, me, world.now, run.site)
        assert len(own) == 1
        assert asked is not None
        assert [run.queue(some) for some in (([asked], own) if asked_first else (own, [asked]))] == [1, 0]
        Delivery(world.db, world.settings).run()
    assert titles(world, "Once") == [["Once"]]


def test_not_again_within_ten_minutes_and_not_where_it_is_off(world: World) -> None:
    world.now = BEFORE
    thread(world, "One", at=BEFORE - dt.timedelta(hours=1))
    ask(world)
    work(world)
    world.later(minutes=9)
    assert ask(world) == 409
    world.later(minutes=2)
    assert ask(world) == 303
    world.script("chief").call("PUT", "/me/subscriptions", {"digest": {"on": False}})
    assert ask(world, "chief") == 409


def test_who_asks_for_it_is_not_away(world: World) -> None:
    world.now = BEFORE
    thread(world, "In a pause", at=BEFORE - dt.timedelta(hours=1))
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"paused_until": "2027-01-01"}})
    ask(world)
    work(world)
    assert titles(world, "In a pause") == [["In a pause"]]


def test_weekly_forums_join_where_the_coming_digest_would_have_them(world: World) -> None:
    world.now = BEFORE  # a Tuesday
    thread(world, "Of the week", at=BEFORE - dt.timedelta(days=2))
    for weekday, expected in ((2, []), (1, [["Of the week"]])):
        world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"weekday": weekday}, "forums": {"patrol": "weekly"}})
        world.later(minutes=1)
        assert ask(world) == 303
        work(world)
        assert titles(world, "Of the week") == expected


def test_the_page_says_why_not_and_shows_the_settings_as_they_are(world: World) -> None:
    mine = {"on": False, "hour": 18, "time_zone": "Pacific/Guam", "content": "links", "quiet_weekend": True}
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": mine, "forums": {"patrol": "weekly"}})
    page = world.browser("sheriff").post("/settings/mail/now", {}, page="/settings/mail").text
    assert "Your digest is off. Turn it on and save, then ask for it." in page
    assert '<option value="18" selected>' in page  # or else to turn it on would save what was never chosen
    assert '<option value="Pacific/Guam" selected>' in page
    for chosen in ('name="content" value="links" checked', 'name="quiet_weekend" value="yes" checked', 'value="weekly" checked'):
        assert chosen in page, chosen
