"""What a digest brings, to whom, how much of it, and how often."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete

from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight, ReadMark, Reply, Thread, ThreadReader, Watch, WatchLevel
from app.mail.digest.run import queue_digests, run_digests
from app.mail.models import DigestSlot, MailState
from app.membership.models import GroupMember, Member
from tests.mail.helpers import SLOT, change, digests, mails, reply, states, text, thread, whole
from tests.people import LONG_AGO
from tests.world import World

DAY = dt.timedelta(days=1)


def test_the_digest_brings_a_lesson_and_its_reply_to_those_who_may_read_them(world: World) -> None:
    first = thread(world, "Redaction in two hours a week", body="From **41 days** to 6.\n\n| step | hours |\n|---|---|\n| triage | 0.5 |")
    reply(world, first, "What did the prosecutor say?")
    assert digests(world) > 3
    [message] = mails(world, "colleague")
    assert "Redaction in two hours a week" in text(message)
    assert "From 41 days to 6." in text(message)
    assert "What did the prosecutor say?" in text(message)
    assert "Reply by Sheriff Dale Okafor, Bexley County SO" in text(message)
    assert "<strong" in text(message, "html")
    assert "<table" in text(message, "html")
    assert f"http://localhost:8000/threads/{first}" in text(message)
    assert "410 Harbor Street" in text(message)
    assert "step   | hours" in text(message)
    assert "since Tuesday, November 17." in text(message)
    assert message["Subject"] == "[TLP:GREEN] 2 new messages in 1 forum"
    assert text(message).startswith("TLP:GREEN\n")  # H3
    assert not mails(world, "vendor")
    assert not mails(world, "suspended")
    assert "prosecutor" not in whole(mails(world, "sheriff")[0])  # one's own words don't come back
    assert "PATROL & OPERATIONS (2)" in text(message)
    assert "WHERE YOU TOOK PART" in text(mails(world, "chief")[0])


def test_a_slot_is_done_once_also_when_there_is_nothing_to_send(world: World) -> None:  # M12
    assert digests(world) == 0
    assert world.count(DigestSlot) == 11
    thread(world, "Too late for this slot", at=SLOT + dt.timedelta(seconds=30))
    assert digests(world, SLOT + dt.timedelta(minutes=20)) == 0
    digests(world, SLOT + DAY)
    assert "Too late for this slot" in text(mails(world, "colleague")[0])
    assert digests(world, SLOT + DAY + dt.timedelta(hours=2)) == 0
    assert len(mails(world, "colleague")) == 1


def test_amber_and_stricter_come_as_a_link_without_a_word_of_them(world: World) -> None:  # M6 H4
    canaries = {}
    for marking in (Marking.AMBER, Marking.AMBER_STRICT, Marking.RED):
        canary = f"canary-{marking.name.lower()}"
        canaries[canary] = thread(
            world, f"Title {canary}", by="other_moderator", forum="command-staff", marking=marking, body=f"Body {canary}"
        )
        reply(world, canaries[canary], f"Reply {canary}", by="moderator")
    with world.db.write() as session:
        session.add(ThreadReader(thread_id=canaries["canary-red"], member_id=world.id("chief")))
    open_one = thread(world, "An open one", by="sheriff", marking=Marking.CLEAR)
    digests(world)
    [message] = mails(world, "chief")
    assert "An open one" in whole(message)
    assert f"/threads/{open_one}" in text(message)
    for canary, thread_id in canaries.items():
        assert f"/threads/{thread_id}" in text(message)
        assert canary not in whole(message)
    assert "Lindgren" not in whole(message)
    assert "Bohannon" not in whole(message)
    assert "1 new lesson with 1 reply" in text(message)
    assert message["Subject"] == "[TLP:GREEN] 7 new messages in 2 forums"
    [other] = mails(world, "colleague")  # who is not named learns nothing of the RED one
    assert f"/threads/{canaries['canary-red']}" not in whole(other)
    assert f"/threads/{canaries['canary-amber']}" in whole(other)


def test_as_much_as_was_asked_for(world: World) -> None:
    for key, content in (("colleague", "headlines"), ("analyst", "links")):
        assert world.script(key).call("PUT", "/me/subscriptions", {"digest": {"content": content}}).status_code == 200
    first = thread(world, "Heron ledger", body="The word is pelikanol.")
    digests(world)
    some, links = mails(world, "colleague")[0], mails(world, "analyst")[0]
    assert "Heron ledger" in text(some)
    assert "Chief Ellen Marchetti, Alderwood PD" in text(some)
    assert "pelikanol" not in whole(some)
    assert "1 new message in Patrol & Operations" in text(links)
    assert "http://localhost:8000/forums/patrol" in text(links)
    for word in ("Heron", "pelikanol", "Marchetti", f"/threads/{first}"):
        assert word not in whole(links)


def test_a_restricted_member_gets_links_only(world: World) -> None:
    change(world, Member, Member.id == world.id("colleague"), status="restricted")
    thread(world, "Heron ledger")
    digests(world)
    assert "Heron ledger" in whole(mails(world, "analyst")[0])
    assert "Heron ledger" not in whole(mails(world, "colleague")[0])


def test_what_was_read_muted_or_left_out_by_level_does_not_come(world: World) -> None:
    seen, muted, new = (thread(world, f"Thread {word}") for word in ("seen", "muted", "new"))
    reply(world, seen, "Still unread.")
    me = world.id("colleague")
    with world.db.write() as session:
        session.add(ReadMark(member_id=me, thread_id=seen, position=0, read_at=world.now))
        session.add(Watch(member_id=me, thread_id=muted, level=WatchLevel.MUTE))
    world.script("analyst").call("PUT", "/me/subscriptions", {"forums": {"patrol": "none"}})
    digests(world)
    [message] = mails(world, "colleague")
    assert "Still unread." in text(message)
    assert "The body of Thread seen" not in text(message)
    assert f"/threads/{seen}/replies/1" in text(message)
    assert "muted" not in whole(message)
    assert f"/threads/{new}" in text(message)
    assert not mails(world, "analyst")
    assert "muted" in whole(mails(world, "sheriff")[0])


def test_weekly_forums_join_on_the_members_day(world: World) -> None:
    script = world.script("colleague")  # the world begins on a Monday; its first slot is a Tuesday's
    script.call("PUT", "/me/subscriptions", {"digest": {"weekday": 3}, "forums": {"patrol": "weekly"}})
    thread(world, "Patrol on Monday")
    thread(world, "Notice on Monday", by="admin", forum="notices")
    digests(world)
    assert "Patrol on Monday" not in whole(mails(world, "colleague")[0])
    thread(world, "Patrol on Wednesday", at=SLOT + DAY)
    digests(world, SLOT + DAY)
    digests(world, SLOT + 2 * DAY)
    assert len(mails(world, "colleague")) == 2
    message = mails(world, "colleague")[1]
    assert "Patrol on Monday" in text(message)
    assert "Patrol on Wednesday" in text(message)
    assert "Notice on Monday" not in whole(message)
    assert "2 new messages in 1 forum since Thursday, November 19." in text(message)  # a week ago, not yesterday
    thread(world, "Patrol on Friday", at=SLOT + 3 * DAY)
    for n in range(3, 10):
        digests(world, SLOT + n * DAY)
    assert len(mails(world, "colleague")) == 3
    assert "Patrol on Friday" in text(mails(world, "colleague")[2])
    assert "Patrol on Wednesday" not in whole(mails(world, "colleague")[2])


def test_twelve_threads_at_most_and_how_many_more_there_are(world: World) -> None:
    for n in range(19):
        thread(world, f"Patrol {n:02d}", at=world.now + dt.timedelta(minutes=n))
    for n in range(2):
        thread(world, f"Notice {n}", by="admin", forum="notices", kind="notice")
    digests(world)
    [message] = mails(world, "colleague")
    for part in (text(message), text(message, "html")):
        assert [n for n in range(19) if f"Patrol {n:02d}" in part] == list(range(7, 19))  # lessons first, of those the newest
        assert "Notice" not in part.replace("Association Notices", "")
        assert "… and 9 more" in part
    assert "… and 9 more\n\n  Read: http://localhost:8000/\n" in text(message)
    assert '<a href="http://localhost:8000/"' in text(message, "html")
    assert message["Subject"] == "[TLP:GREEN] 21 new messages in 2 forums"


def test_daily_and_weekly_have_twelve_threads_together(world: World) -> None:
    script = world.script("colleague")
    script.call("PUT", "/me/subscriptions", {"digest": {"weekday": 3}, "forums": {"patrol": "weekly"}})
    for n in range(11):
        thread(world, f"Patrol {n:02d}")
    digests(world)
    for n in range(10):
        thread(world, f"Notice {n}", by="admin", forum="notices", at=SLOT + DAY + dt.timedelta(hours=1))
    digests(world, SLOT + DAY)
    assert not mails(world, "colleague")
    digests(world, SLOT + 2 * DAY)
    [message] = mails(world, "colleague")
    assert sum(f"Notice {n}" in text(message) for n in range(10)) == 10  # the newer ones
    assert sum(f"Patrol {n:02d}" in text(message) for n in range(11)) == 2
    assert "… and 9 more" in text(message)


def test_twelve_forums_at_most_where_only_links_are_sent(world: World) -> None:
    with world.db.write() as session:
        for n in range(14):
            forum = Forum(slug=f"forum-{n}", title=f"Forum {n:02d}", sort=10 + n)
            session.add(forum)
            session.flush()
            world.ids.forums[forum.slug] = forum.id
            session.add(Grant(group_id=world.ids.groups["sworn"], forum_id=forum.id, right=GrantRight.READ, since=LONG_AGO))
    for n in range(14):
        thread(world, "One", forum=f"forum-{n}", at=world.now + dt.timedelta(minutes=n))
        thread(world, "Two", forum=f"forum-{n}")
    world.script("colleague").call("PUT", "/me/subscriptions", {"digest": {"content": "links"}})
    digests(world)
    [message] = mails(world, "colleague")
    assert [n for n in range(14) if f"2 new messages in Forum {n:02d}" in text(message)] == list(range(2, 14))
    assert "… and 4 more" in text(message)
    assert message["Subject"] == "[TLP:GREEN] 28 new messages in 14 forums"


def test_long_messages_and_long_threads_are_cut(world: World) -> None:
    first = thread(world, "Long", body="word " * 2000)
    for n in range(9):
        reply(world, first, f"Answer {n}.")
    digests(world)
    [message] = mails(world, "colleague")
    assert len(text(message)) < 5000
    assert "Read the rest" in text(message, "html")
    assert "Answer 8." in text(message)
    assert "Answer 3." not in text(message)
    assert "4 earlier replies" in text(message)


def test_rights_and_words_are_asked_again_before_it_is_sent(world: World) -> None:  # M13
    thread(world, "Stays", by="sheriff")
    gone = thread(world, "Taken away")
    edited = thread(world, "Edited", body="The old word was dodolan.")
    assert queue_digests(world.db, world.settings, SLOT) > 3
    change(world, Member, Member.id == world.id("analyst"), status="suspended")
    change(world, Reply, (Reply.thread_id == gone) & (Reply.position == 0), hidden_at=world.now)
    change(world, Reply, (Reply.thread_id == edited), body="The new word is moalan.", version=2)
    with world.db.write() as session:
        session.execute(delete(GroupMember).where(GroupMember.member_id == world.id("colleague")))
    world.script("moderator").call("PUT", "/me/subscriptions", {"digest": {"on": False}})
    digests(world, SLOT + dt.timedelta(minutes=1))
    for key in ("analyst", "colleague", "moderator"):
        assert not mails(world, key), key
    for message in mails(world):
        writer = message["To"].partition("@")[0]
        assert ("Stays" in whole(message)) == (writer != "sheriff")
        assert ("moalan" in whole(message)) == (writer != "chief")
        assert "Taken away" not in whole(message)
        assert "dodolan" not in whole(message)
    assert len(mails(world)) >= 4
    assert states(world).count(MailState.DROPPED) == 3


def test_a_marking_made_stricter_before_it_is_sent_takes_the_words_out(world: World) -> None:  # M13 M6
    first = thread(world, "Hardened meanwhile")
    queue_digests(world.db, world.settings, SLOT)
    change(world, Thread, Thread.id == first, marking=Marking.AMBER)
    digests(world)
    assert mails(world)
    for message in mails(world):
        assert "Hardened" not in whole(message)
        assert f"/threads/{first}" in whole(message)


def test_a_new_member_gets_what_came_since_they_joined(world: World) -> None:
    thread(world, "Before they came", at=world.now - dt.timedelta(hours=5))
    change(world, Member, Member.id == world.id("colleague"), approved_at=world.now - dt.timedelta(hours=1))
    thread(world, "After they came")
    digests(world)
    assert "After they came" in whole(mails(world, "colleague")[0])
    assert "Before they came" not in whole(mails(world, "colleague")[0])
    assert "Before they came" in whole(mails(world, "sheriff")[0])


def test_a_changed_hour_counts_from_the_next_slot(world: World) -> None:
    thread(world, "A thing")
    world.now = SLOT - dt.timedelta(minutes=10)
    world.script("colleague").call("PUT", "/me/subscriptions", {"digest": {"hour": 6}})  # 6:00 is over: not today
    digests(world)
    assert mails(world, "sheriff")
    assert not mails(world, "colleague")
    digests(world, SLOT + DAY - dt.timedelta(minutes=70))
    assert not mails(world, "colleague")
    digests(world, SLOT + DAY - dt.timedelta(minutes=60))
    assert len(mails(world, "colleague")) == 1


def test_what_was_posted_while_it_was_off_is_not_sent(world: World) -> None:
    script = world.script("colleague")
    script.call("PUT", "/me/subscriptions", {"digest": {"on": False}})
    thread(world, "While it was off")
    digests(world)
    assert not mails(world, "colleague")
    assert mails(world, "sheriff")
    world.now = SLOT + DAY / 2
    script.call("PUT", "/me/subscriptions", {"digest": {"on": True}})
    thread(world, "On again", at=world.now + dt.timedelta(minutes=1))
    digests(world, SLOT + DAY)
    assert "On again" in whole(mails(world, "colleague")[0])
    assert "While it was off" not in whole(mails(world, "colleague")[0])


def test_one_member_alone(world: World) -> None:
    thread(world, "A thing")
    assert run_digests(world.db, world.settings, SLOT, "colleague@alderwood.example") == 1
    assert {m["To"] for m in mails(world)} == {"colleague@alderwood.example"}
