"""What members of a class get before they choose."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.mail.models import MailDefault
from app.membership.names import CLASS_NAMES
from tests.mail.helpers import SLOT, digests, mails, thread, whole
from tests.world import World

PAGE = "/admin/mail/defaults"
OURS = {"on": "yes", "hour": "7", "level": "daily", "content": "full"}


def save(world: World, who: str = "admin", **classes: dict[str, str]) -> Any:
    """With what is given of a class changed, and all else as it is shown at first; an empty tick is no field."""
    fields = {f"{name}-{key}": value for name in CLASS_NAMES for key, value in {**OURS, **classes.get(name, {})}.items()}
    return world.browser(who).post(PAGE, {k: v for k, v in fields.items() if v}, page="/settings/mail")


def mine(world: World, key: str) -> dict[str, Any]:
    found: dict[str, Any] = world.script(key).call("GET", "/me/subscriptions").json()
    return found


def test_members_of_a_class_get_what_the_association_said(world: World) -> None:
    thread(world, "For everybody", forum="patrol", body="Words of it.")
    assert save(world, civilian={"content": "headlines", "hour": "6", "quiet_weekend": "yes"}, staff={"level": "none"}).status_code == 303
    assert mine(world, "analyst")["digest"] | {"content": "headlines", "hour": 6, "quiet_weekend": True} == mine(world, "analyst")["digest"]
    assert set(mine(world, "admin")["forums"].values()) == {"none"}
    assert mine(world, "sheriff")["digest"]["content"] == "full"
    digests(world)
    assert "Words of it." in whole(mails(world, "sheriff")[0])
    assert "For everybody" in whole(mails(world, "analyst")[0])
    assert "Words of it." not in whole(mails(world, "analyst")[0])
    assert mails(world, "admin") == []


def test_what_one_chose_stays_and_the_rest_is_kept_as_it_was_then(world: World) -> None:
    save(world, head={"hour": "5"})
    script = world.script("sheriff")
    for level in ("weekly", "daily"):
        script.call("PUT", "/me/subscriptions", {"digest": {"content": "links"}, "forums": {"notices": level}})
    save(world, head={"hour": "9", "level": "none", "content": "full", "on": ""})
    found = mine(world, "sheriff")
    assert (found["digest"]["content"], found["digest"]["hour"], found["digest"]["on"]) == ("links", 5, True)
    assert found["forums"] == {"patrol": "none", "command-staff": "none", "notices": "daily"}
    thread(world, "A notice", forum="notices", by="admin")
    thread(world, "A patrol matter", forum="patrol", by="moderator")
    digests(world, SLOT.replace(hour=13, minute=1))  # 5:01 in Los Angeles
    (digest,) = mails(world, "sheriff")
    assert "1 new" in whole(digest)  # and not 2: the forum that was said to be daily, and not the other
    assert mine(world, "chief")["digest"]["on"] is False
    assert mails(world, "chief") == []


def test_a_weekly_class_gets_a_forum_daily_where_one_said_so(world: World) -> None:
    save(world, head={"level": "weekly"})
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"weekday": 4}, "forums": {"patrol": "daily"}})
    thread(world, "Of each day", forum="patrol", by="moderator")
    thread(world, "Of the week", forum="notices", by="admin")
    digests(world)  # a Tuesday
    said = whole(mails(world, "sheriff")[0])
    assert "Of each day" in said
    assert "Of the week" not in said


@pytest.mark.parametrize(
    ("given", "field"), [({"hour": "24"}, "head-hour"), ({"level": "each"}, "head-level"), ({"content": "all"}, "head-content")]
)
def test_what_makes_no_sense_is_named_at_its_field(world: World, given: dict[str, str], field: str) -> None:
    answer = save(world, head=given)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert world.count(MailDefault) == 0


def test_only_administrators_say_it_and_it_is_logged(world: World) -> None:
    assert save(world, "chief", head={"level": "none"}).status_code == 404
    assert world.count(MailDefault) == 0
    save(world, head={"level": "none"})
    assert save(world, head={"level": "none"}).status_code == 303  # nothing changed, nothing logged
    said = json.loads(world.one(select(AuditEvent.detail).where(AuditEvent.verb == "mail.default")).detail)
    assert (said["member_class"], said["before"]["level"], said["after"]["level"]) == ("head", "daily", "none")


# A changed default counts from the next slot (M14) ----------------------------------------------------------------------------------

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.mark.parametrize("saved", ["between the hours", "after both"])
def test_another_hour_brings_no_second_digest_on_the_same_day(world: World, saved: str) -> None:  # M14
    thread(world, "Before seven")
    digests(world)
    world.now = SLOT + (HOUR if saved == "between the hours" else 2.5 * HOUR)
    save(world, head={"hour": "9"})
    thread(world, "After seven", at=SLOT + HOUR)
    if saved == "after both":  # a choice of their own about something else takes the hour over, and not at once either
        world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"content": "headlines"}})
    for at in (SLOT + 2 * HOUR, SLOT + 3 * HOUR, SLOT + DAY + HOUR):
        digests(world, at)
        assert len(mails(world, "sheriff")) == 1, at
    digests(world, SLOT + DAY + 2 * HOUR)
    assert ["After seven" in whole(m) for m in mails(world, "sheriff")] == [False, True]
    assert len(mails(world, "colleague")) == 2  # at their own class's hour


def test_what_was_posted_while_it_was_off_for_a_class_is_not_sent(world: World) -> None:
    save(world, head={"on": ""})
    thread(world, "While it was off")
    digests(world)
    world.now = SLOT + HOUR
    save(world, head={})
    digests(world, SLOT + 2 * HOUR)
    assert "While it was off" in whole(mails(world, "colleague")[0])
    assert mails(world, "sheriff") == []
    thread(world, "On again", at=SLOT + 3 * HOUR)
    digests(world, SLOT + DAY)
    (digest,) = mails(world, "sheriff")
    assert "On again" in whole(digest)
    assert "While it was off" not in whole(digest)


def titles(world: World, key: str) -> list[list[str]]:
    """Which of the days that tests name their threads by each of the digests tells of."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Weekend")
    return [[day for day in days if f"Of {day}" in whole(message)] for message in mails(world, key)]


@pytest.mark.parametrize("twice", [False, True])
def test_a_class_that_becomes_weekly_is_told_nothing_again_and_loses_nothing(world: World, twice: bool) -> None:
    """Also if it was changed by mistake first, to none and then to what it should be."""
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"weekday": 4}})  # a choice of the day is none of the level
    thread(world, "Of Monday")
    digests(world)
    world.now = SLOT + HOUR
    for level in ("none", "weekly") if twice else ("weekly",):
        save(world, head={"level": level})
    thread(world, "Of Tuesday", at=SLOT + 2 * HOUR)
    digests(world, SLOT + DAY)
    thread(world, "Of Thursday", at=SLOT + 2 * DAY + HOUR)
    for n in range(2, 7):
        digests(world, SLOT + n * DAY)
    assert titles(world, "sheriff") == [["Monday"], ["Tuesday", "Thursday"]]
    assert len(mails(world, "colleague")) == 3


@pytest.mark.parametrize("twice", [False, True])
def test_a_class_that_becomes_daily_is_told_what_its_week_had_not(world: World, twice: bool) -> None:
    save(world, head={"level": "weekly"})
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"weekday": 1}})
    thread(world, "Of Monday")
    digests(world)  # a Tuesday
    thread(world, "Of Tuesday", at=SLOT + HOUR)
    digests(world, SLOT + DAY)
    world.now = SLOT + DAY + HOUR
    save(world, head={"level": "daily"})
    if twice:
        save(world, head={"level": "none"})
        save(world, head={"level": "daily"})
    thread(world, "Of Wednesday", at=SLOT + DAY + 2 * HOUR)
    for n in range(2, 8):
        digests(world, SLOT + n * DAY)
    assert titles(world, "sheriff") == [["Monday"], ["Tuesday", "Wednesday"]]
    assert "since Tuesday" in whole(mails(world, "sheriff")[1])  # and not since yesterday
