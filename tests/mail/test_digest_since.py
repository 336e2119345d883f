"""Nothing that was written before its reader had access is in a digest."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.forum.administering.operations import set_grants
from app.forum.models import Forum, Grant, GrantRight
from app.membership import groups
from app.membership.models import GroupMember, Member, MemberClass
from tests.mail.helpers import SLOT, change, digests, mails, reply, thread, whole
from tests.world import World

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def morning(world: World) -> int:
    """A thread of the morning; then it is noon."""
    thread_id = thread(world, "Morning", forum="patrol")
    thread(world, "Morning command", forum="command-staff", marking=2, by="other_moderator")
    world.later(hours=4)
    return thread_id


def afternoon(world: World) -> None:
    world.later(hours=1)
    thread(world, "Afternoon", forum="patrol")


def digest_of(world: World, key: str) -> str:
    """All that their newest digest holds."""
    return whole(mails(world, key)[-1])


def grant(world: World, group: str, right: int, slug: str = "patrol") -> None:
    forum = world.one(select(Forum.id, Forum.version).where(Forum.slug == slug))
    with world.db.write() as session:
        set_grants(session, world.actor("admin"), forum.id, {world.ids.groups[group]: right}, forum.version)


def test_who_joins_a_group_at_noon_gets_nothing_of_the_morning(world: World, morning: int) -> None:
    with world.db.write() as session:
        groups.add_to_group(session, world.actor("admin"), world.ids.groups["patrol-moderators"], world.id("vendor"))
    afternoon(world)
    reply(world, morning, "A late answer to it.")
    digests(world)
    assert "The body of Morning" in digest_of(world, "colleague")  # what could leak
    got = digest_of(world, "vendor")
    assert "The body of Morning" not in got
    assert "Afternoon" in got
    assert "A late answer to it." in got  # that was written while they read there, and in a thread that they may open


def test_whose_group_is_let_in_at_noon_gets_nothing_of_the_morning(world: World, morning: int) -> None:
    grant(world, "partner", GrantRight.READ)
    afternoon(world)
    digests(world)
    assert "Afternoon" in digest_of(world, "vendor")
    assert "The body of Morning" not in digest_of(world, "vendor")
    assert "The body of Morning" in digest_of(world, "colleague")


def test_another_right_to_what_they_read_anyhow_is_no_beginning(world: World, morning: int) -> None:
    grant(world, "retired", GrantRight.POST)
    afternoon(world)
    digests(world)
    assert "The body of Morning" in digest_of(world, "retired")
    assert "Afternoon" in digest_of(world, "retired")


def test_who_is_put_out_and_let_in_again_begins_again(world: World, morning: int) -> None:
    group, admin = world.ids.groups["patrol-moderators"], world.actor("admin")
    with world.db.write() as session:
        groups.add_to_group(session, admin, group, world.id("vendor"))
    thread(world, "While in", at=world.now + HOUR)
    world.later(hours=2)
    with world.db.write() as session:
        groups.remove_from_group(session, admin, group, world.id("vendor"))
    thread(world, "While out", at=world.now + HOUR)
    world.later(hours=2)
    with world.db.write() as session:
        groups.add_to_group(session, admin, group, world.id("vendor"))
    afternoon(world)
    digests(world)
    got = digest_of(world, "vendor")
    assert "Afternoon" in got
    for title in ("Morning", "While in", "While out"):
        assert f"The body of {title}" not in got
        assert f"The body of {title}" in digest_of(world, "colleague")


def test_a_new_class_opens_nothing_of_the_morning_and_takes_nothing_away(world: World, morning: int) -> None:
    grant(world, "civilian", 0, "patrol")
    thread(world, "Between", forum="patrol")
    world.later(hours=1)
    grant(world, "civilian", GrantRight.READ, "patrol")  # they begin here again
    world.later(hours=1)
    thread(world, "Before the move", forum="patrol")
    world.later(hours=1)
    with world.db.write() as session:
        analyst = session.get_one(Member, world.id("analyst"))
        analyst.member_class = MemberClass.SWORN
        groups.move_built_in(session, analyst, MemberClass.CIVILIAN)
    afternoon(world)
    digests(world)
    got = digest_of(world, "analyst")
    assert "The body of Before the move" in got  # both classes read there: no break
    assert "Afternoon" in got
    assert "The body of Between" not in got
    assert "The body of Morning" not in got
    assert "1 lesson" not in got.replace("1 new lesson", "1 lesson")  # of the command staff's, as a link
    assert "1 new lesson" in digest_of(world, "colleague")


def test_who_comes_back_gets_nothing_of_the_time_between(world: World, morning: int) -> None:
    def set_status(status: str) -> None:
        with world.db.write() as session:
            session.get_one(Member, world.id("colleague")).status = status

    digests(world)
    assert "The body of Morning" in digest_of(world, "colleague")
    world.now = SLOT + HOUR
    set_status("suspended")
    thread(world, "While suspended", at=SLOT + 2 * HOUR)
    world.now = SLOT + 5 * HOUR
    set_status("active")
    thread(world, "Back again", at=SLOT + 6 * HOUR)
    digests(world, SLOT + DAY)
    assert "Back again" in digest_of(world, "colleague")
    assert "While suspended" not in digest_of(world, "colleague")
    assert "While suspended" in digest_of(world, "sheriff")


def test_a_restriction_that_ends_is_no_beginning(world: World, morning: int) -> None:
    for status in ("restricted", "active"):
        with world.db.write() as session:
            session.get_one(Member, world.id("colleague")).status = status
    digests(world)
    assert "The body of Morning" in digest_of(world, "colleague")


def test_a_message_of_the_very_moment_counts(world: World) -> None:
    change(world, GroupMember, GroupMember.member_id == world.id("colleague"), since=world.now)
    change(world, Grant, Grant.forum_id == world.ids.forums["patrol"], since=world.now)
    thread(world, "This moment")
    thread(world, "A moment before", at=world.now - dt.timedelta(microseconds=1))
    digests(world)
    assert "This moment" in digest_of(world, "colleague")
    assert "A moment before" not in digest_of(world, "colleague")
