"""Choosing for many members at once: the same rule as for one, and few statements."""

from __future__ import annotations

from sqlalchemy import select

from app.forum import access
from app.forum.markings import Marking
from app.forum.models import Thread, ThreadReader
from app.mail.digest import readers
from app.mail.digest.run import mark_done, queue_digests
from app.mail.models import DigestSlot
from tests.crowd import seen_by_many
from tests.mail.helpers import SLOT, digests, mails, thread
from tests.mail.test_kill import _members
from tests.people import CAST
from tests.world import World


def test_the_rule_for_many_agrees_with_the_rule_for_one_for_the_whole_cast(world: World) -> None:
    for forum, by in (("patrol", "chief"), ("command-staff", "other_moderator"), ("notices", "admin")):
        for marking in Marking:
            thread_id = thread(world, f"{forum} {marking.label}", by=by, forum=forum, marking=marking)
            with world.db.write() as session:  # the vendor can't be a reader where they have no grant, whatever the table says
                session.add_all(ThreadReader(thread_id=thread_id, member_id=world.id(key)) for key in ("sheriff", "vendor"))
    with world.db.read() as conn:
        many = seen_by_many(conn, [world.id(key) for key in CAST])
        one = {(world.id(key), row.id) for key in CAST for row in conn.execute(access.visible_threads(Thread.id), {"me": world.id(key)})}
    assert many == one
    seen = {key: len([1 for member, _ in many if member == world.id(key)]) for key in CAST}
    assert (seen["chief"], seen["sheriff"], seen["other_moderator"], seen["vendor"], seen["analyst"]) == (13, 15, 13, 5, 8)


def _statements(world: World, members: int) -> int:
    _members(world, members)
    for n in range(3):
        thread(world, f"Lesson {n}")
    with world.count_queries() as queries:
        assert queue_digests(world.db, world.settings, SLOT) > members
    return len([s for s in queries.statements if s.lstrip("( ").startswith(("SELECT", "WITH"))])


def test_at_most_one_statement_for_fifty_members(world: World) -> None:
    everyone = readers.BATCH
    current = len(CAST) - 1
    assert _statements(world, everyone - current) <= everyone / 50 + 4  # the association, the period's messages, their texts, the end


def test_an_association_that_begins_with_history_sends_none_of_it(world: World) -> None:
    thread(world, "Old news", at=SLOT.replace(day=22))
    with world.db.write() as session:
        mark_done(session, [world.id(key) for key in CAST if key != "sheriff"], SLOT.replace(day=23))
    thread(world, "New today")
    digests(world)
    assert "Old news" not in mails(world, "colleague")[0].as_string()
    assert "New today" in mails(world, "colleague")[0].as_string()
    assert "Old news" in mails(world, "sheriff")[0].as_string()
    with world.db.read() as conn:
        assert conn.execute(select(DigestSlot.messages).where(DigestSlot.member_id == world.id("sheriff"))).scalars().all() == [2]
