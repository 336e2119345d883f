"""What keeps a digest from coming, or from saying more: a pause, a quiet weekend, the association's and a forum's limits."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core.site import SiteRow
from app.forum.models import Forum
from app.mail.health.models import AddressHealth, HealthState
from app.mail.models import DigestSlot
from tests.forum.steps import open_thread
from tests.mail.helpers import SLOT, change, digests, mails, reply, text, thread, whole
from tests.mail.test_at_once import single, subscribe, work
from tests.people import CAST
from tests.world import World

DAY = dt.timedelta(days=1)
FRIDAY = SLOT + 3 * DAY


def test_a_pause_sends_nothing_and_brings_nothing_afterwards(world: World) -> None:
    subscribe(world, "sheriff", "daily", paused_until="2026-11-26")
    thread(world, "While away")
    digests(world)
    assert "While away" in text(mails(world, "colleague")[0])
    assert not mails(world, "sheriff")
    digests(world, SLOT + DAY)
    thread(world, "Back again", at=SLOT + 1.5 * DAY)
    digests(world, SLOT + 2 * DAY)  # on the 26th
    [message] = mails(world, "sheriff")
    assert "Back again" in text(message)
    assert "While away" not in whole(message)


def test_a_pause_ends_where_the_member_is(world: World) -> None:  # M14
    """Single messages, like the digest: it is Tuesday in Guam already, and Monday at the association."""
    subscribe(world, "sheriff", paused_until="2026-11-24", time_zone="Pacific/Guam")
    subscribe(world, "colleague", paused_until="2026-11-24")
    open_thread(world, "chief", title="Heron ledger")
    work(world)
    assert len(single(world, "sheriff")) == 1
    assert not single(world, "colleague")


def test_a_quiet_weekend_waits_for_monday_with_the_weekly_forums_too(world: World) -> None:
    subscribe(world, "sheriff", "daily", quiet_weekend=True)
    subscribe(world, "analyst", "weekly", quiet_weekend=True, weekday=6)
    subscribe(world, "colleague", "daily")
    thread(world, "Thursday night", at=FRIDAY - dt.timedelta(hours=12))
    digests(world, FRIDAY)
    assert "Next digest: Monday 7:00 AM." in text(mails(world, "sheriff")[0])
    assert "Next digest: Saturday 7:00 AM." in text(mails(world, "colleague")[0])
    assert not mails(world, "analyst")
    thread(world, "Friday night", at=FRIDAY + dt.timedelta(hours=12))
    for days in (1, 2):
        digests(world, FRIDAY + days * DAY)
    assert "Friday night" in text(mails(world, "colleague")[1])
    assert len(mails(world, "sheriff")) == 1
    assert not mails(world, "analyst")
    digests(world, FRIDAY + 3 * DAY - dt.timedelta(minutes=5))
    assert len(mails(world, "sheriff")) == 1
    digests(world, FRIDAY + 3 * DAY)
    for key in ("sheriff", "analyst"):
        assert "Friday night" in text(mails(world, key)[-1]), key
    assert world.count(DigestSlot, DigestSlot.member_id == world.id("sheriff")) == 2


@pytest.mark.parametrize(("most", "title", "words"), [("headlines", True, False), ("links", False, False)])
@pytest.mark.parametrize("whose", ["site", "forum"])
def test_the_strictest_of_all_wins(world: World, whose: str, most: str, title: bool, words: bool) -> None:
    """Of the association, the forum, the marking and the member: in the digest and in single mails."""
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="Cascade", address="410 Harbor Street", time_zone="America/Los_Angeles"))
    subscribe(world, "sheriff", content="full")
    if whose == "site":
        change(world, SiteRow, SiteRow.id == 1, mail_most=most)
    else:
        change(world, Forum, Forum.slug == "patrol", mail_most=most)
    open_thread(world, "chief", title="Heron ledger", body="pelikanol")
    thread(world, "Ibis list", forum="notices", body="tukanin")
    work(world)
    digests(world)
    for message in (single(world, "sheriff")[0], mails(world, "colleague")[0]):
        assert ("Heron ledger" in whole(message), "pelikanol" in whole(message)) == (title, words)
    assert ("tukanin" in whole(mails(world, "colleague")[0])) is (whose == "forum")


def test_a_suppressed_address_gets_no_digest(world: World) -> None:  # M10
    thread(world, "A thing")
    with world.db.write() as session:
        session.add(
            AddressHealth(
                email=CAST["sheriff"].email, state=HealthState.SUPPRESSED, first_at=world.now, last_at=world.now, suppressed_at=world.now
            )
        )
    digests(world)
    assert mails(world, "colleague")
    assert not mails(world, "sheriff")


def test_an_administrator_sets_both_limits(world: World) -> None:
    browser = world.browser("admin")
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="Cascade", address="410 Harbor Street", time_zone="America/Los_Angeles"))
    page = f"/admin/forums/{world.ids.forums['patrol']}"
    values = {"version": "1", "title": "Patrol", "description": "", "marking_floor": "", "mail_most": "headlines", "mail_threads": "yes"}
    assert browser.post(page, values, page=page).status_code == 303
    assert world.one(Forum.__table__.select().where(Forum.slug == "patrol")).mail_most == "headlines"
    assert world.one(Forum.__table__.select().where(Forum.slug == "patrol")).mail_threads
    site = {"name": "Cascade", "address": "x", "time_zone": "UTC", "mail_most": "links"}
    assert browser.post("/admin/settings", site, page="/admin/settings").status_code == 303
    assert world.one(SiteRow.__table__.select()).mail_most == "links"
    assert browser.post("/admin/settings", {**site, "mail_most": "all"}, page="/admin/settings").status_code == 422


@pytest.mark.parametrize("between", ["daily", "none"])
def test_what_a_daily_digest_told_is_not_told_again_when_its_forum_becomes_weekly(world: World, between: str) -> None:
    script = world.script("colleague")
    script.call("PUT", "/me/subscriptions", {"digest": {"weekday": 3}})
    thread(world, "Told on Tuesday")
    told = thread(world, "Goes on")
    digests(world)
    world.now = SLOT + dt.timedelta(hours=2)
    for level in (between, "weekly"):
        script.call("PUT", "/me/subscriptions", {"forums": {"patrol": level}})
    thread(world, "New on Wednesday", at=SLOT + DAY)
    reply(world, told, "A new word.", at=SLOT + DAY)
    for n in (1, 2):
        digests(world, SLOT + n * DAY)
    first, second = (whole(message) for message in mails(world, "colleague"))
    assert "Told on Tuesday" in first
    assert "Told on Tuesday" not in second
    assert "New on Wednesday" in second
    assert "A new word." in second
    assert "The body of Goes on" not in second
