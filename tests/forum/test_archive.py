"""An old list's archive becomes threads: for those who see the forum, by whom they know, and as news to nobody."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select

from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account
from app.association.queries import overview
from app.core.access import Actor
from app.core.audit import AuditEvent
from app.core.errors import Forbidden, Invalid, NotFound
from app.forum.archive import applying
from app.forum.archive.applying import Wish
from app.forum.archive.models import ArchiveMessage
from app.forum.models import Reply, Thread
from app.mail.models import OutboxMessage
from app.membership.models import Member, MemberStatus
from tests.forum.archives import DAY, TIMER, count, mail, mbox, messages, take, threads, written
from tests.forum.steps import open_thread, reply, unread
from tests.mail.helpers import digests, mails, text
from tests.world import World

SHERIFF = "Dale O. <sheriff@bexley.example>"
BUDGET = (
    mail("[LIST] K-9 budget", "What does yours cost?", by=SHERIFF, id="<a1@l>"),
    mail("Re: [LIST] K-9 budget", "Four thousand.", id="<a2@l>", to="<a1@l>", date=DAY.format(5)),
    mail("RE: K-9 budget", "Five here.", by="Pat Doe <pat@far.example>", refs="<a1@l> <a2@l>", id="<a3@l>", date=DAY.format(9)),
)


def figures(done: applying.Imported) -> tuple[int, ...]:
    f = done.figures
    return f.messages, f.threads, f.replies, f.orphans, f.duplicates, f.already_here


def test_members_see_threads_and_whoever_may_not_see_the_forum_sees_nothing(world: World) -> None:
    take(world, *BUDGET, slug="command-staff")
    [(title, found)] = threads(world, slug="command-staff").items()
    assert (title, found["kind"], found["marking"], found["reply_count"]) == ("[LIST] K-9 budget", "discussion", "TLP:AMBER", 2)
    page = world.browser("chief").get(f"/threads/{found['id']}").text
    assert all(words in page for words in ("What does yours cost?", "Four thousand.", "Five here."))
    for outsider in ("analyst", "vendor", "retired"):
        answer = world.browser(outsider).get(f"/threads/{found['id']}")
        assert (answer.status_code, "K-9" in answer.text) == (404, False)
        assert world.script(outsider).call("GET", f"/threads/{found['id']}").status_code == 404
        assert "K-9" not in world.browser(outsider).get("/forums").text + world.browser(outsider).get("/").text
    assert world.outsider().get(f"/threads/{found['id']}").status_code == 303


def test_a_members_letter_is_theirs_and_others_stand_as_the_list_archive(world: World) -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("sheriff"), email="dale@home.example", confirmed_at=world.now))
    take(world, *BUDGET, mail("Re: K-9 budget", "Mine again.", by="D <Dale@Home.example>", id="<a4@l>", to="<a3@l>", date=DAY.format(20)))
    found = threads(world)["[LIST] K-9 budget"]
    sheriff = {"id": world.id("sheriff"), "name": "Dale Okafor", "rank": "", "agency": ""}
    assert found["starter"] == sheriff
    names = [(m["author"]["name"], m["author"]["agency"]) for m in messages(world, found["id"])]
    assert names == [("Dale Okafor", ""), ("List archive", "Old Timer"), ("List archive", "Pat Doe"), ("Dale Okafor", "")]
    page = world.browser("chief").get(f"/threads/{found['id']}").text
    assert page.count(f'<a href="/members/{world.id("sheriff")}">Dale Okafor</a>') == 2
    assert re.findall(r"<h3>List archive</h3>\s*<div>([^<]+)</div>", page) == ["Old Timer", "Pat Doe"]
    assert page.count("Began this thread") == 1
    quoted = world.browser("chief").get(f"/threads/{found['id']}?quote=1").text
    assert "**Old Timer** wrote in [#1](" in quoted


def test_two_strangers_are_not_taken_for_one(world: World) -> None:
    take(world, mail("Alarms", id="<b1@l>"), mail("Re: Alarms", by="Pat Doe <pat@far.example>", id="<b2@l>", to="<b1@l>"))
    page = world.browser("chief").get(f"/threads/{threads(world)['Alarms']['id']}").text
    assert "List archive, Old Timer" in page
    assert "Began this thread" not in page


def members_counted(world: World) -> dict[str, int]:
    with world.db.read() as conn:
        return overview(conn, world.actor("admin")).members


def test_the_list_archive_is_no_member(world: World) -> None:  # C14
    before = members_counted(world)
    take(world, *BUDGET)
    row = world.one(select(Member.id, Member.status, Account.disabled_at).join(Account).where(Member.status == MemberStatus.ARCHIVE))
    assert row.disabled_at is not None
    assert members_counted(world) == before
    assert sum(before.values()) == 12
    assert world.browser("chief").get(f"/members/{row.id}").status_code == 404
    assert world.browser("admin").get(f"/admin/members/{row.id}").status_code == 404
    for path in ("/members", "/members?q=archive", "/admin/members", "/admin/members?q=archive"):
        answer = world.browser("admin").get(path)
        assert (answer.status_code, "List archive" in answer.text) == (200, False)
    take(world, mail("Another", id="<other@l>"))
    assert world.count(Member, Member.status == MemberStatus.ARCHIVE) == 1


def test_importing_twice_changes_nothing_and_a_longer_archive_adds_what_is_new(world: World) -> None:
    assert figures(take(world, *BUDGET)) == (3, 1, 2, 0, 0, 0)
    thread = threads(world)["[LIST] K-9 budget"]["id"]
    rows = (world.count(Thread), world.count(Reply), world.count(ArchiveMessage), world.count(AuditEvent))
    assert figures(take(world, *BUDGET)) == (0, 0, 0, 0, 0, 3)
    assert (world.count(Thread), world.count(Reply), world.count(ArchiveMessage), world.count(AuditEvent)) == rows
    reply(world, "chief", thread, "Still true today?")
    late = mail("Re: K-9 budget", "It was three.", to="<a3@l>", id="<a9@l>", date="Fri, 05 Mar 2021 09:00:00 +0000")
    fresh = mail("Body armour", id="<c1@l>", date="Fri, 05 Mar 2021 10:00:00 +0000")
    assert figures(take(world, *BUDGET, late, fresh)) == (2, 1, 1, 0, 0, 3)
    found = messages(world, thread)
    assert [m["position"] for m in found] == [0, 1, 2, 3, 4]
    assert [m["body"] for m in found[3:]] == ["Still true today?", "It was three."]
    listed = threads(world)["[LIST] K-9 budget"]
    assert dt.datetime.fromisoformat(listed["last_reply_at"]) == world.now
    assert list(threads(world)) == ["[LIST] K-9 budget", "Body armour"]
    assert figures(take(world, *BUDGET, late, fresh)) == (0, 0, 0, 0, 0, 5)


def test_the_beginning_that_comes_later_joins_the_thread_that_waited_for_it(world: World) -> None:
    assert figures(take(world, BUDGET[1])) == (1, 1, 0, 1, 0, 0)
    assert figures(take(world, BUDGET[0])) == (1, 0, 1, 0, 0, 0)
    assert [m["body"] for m in messages(world, threads(world)["[LIST] K-9 budget"]["id"])] == ["Four thousand.", "What does yours cost?"]
    assert figures(take(world, *BUDGET)) == (1, 0, 1, 0, 0, 2)


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    orphan = mail("Re: Radio alias", id="<o@l>", to="<lost@l>")
    done = count(world, *BUDGET, BUDGET[1], orphan)
    assert figures(done) == (4, 2, 2, 1, 1, 0)
    assert (done.figures.matched_authors, done.figures.other_authors, done.figures.matched_messages) == (1, 2, 1)
    assert (world.count(Thread), world.count(AuditEvent), world.count(Member, Member.status == MemberStatus.ARCHIVE)) == (0, 0, 0)
    assert figures(take(world, *BUDGET, BUDGET[1], orphan)) == figures(done)


def test_an_import_that_breaks_off_is_completed_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [mail("Long", f"Words {n}.", id=f"<l{n}@l>", to=f"<l{n - 1}@l>" if n else None, date=DAY.format(n)) for n in range(9)]
    monkeypatch.setattr(applying, "BATCH_MESSAGES", 4)
    note = applying._Import._note
    left = iter((True, False))  # the second batch fails after its replies were written

    def broken(*args: object) -> None:
        if not next(left, True):
            raise OSError("No space left on device")
        note(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(applying._Import, "_note", broken)
    with pytest.raises(OSError, match="No space"):
        take(world, *whole)
    assert (world.count(Reply), world.count(ArchiveMessage)) == (4, 4)
    assert figures(take(world, *whole)) == (5, 0, 5, 0, 0, 4)
    thread = threads(world)["Long"]["id"]
    assert [m["body"] for m in messages(world, thread)] == [f"Words {n}." for n in range(9)]
    assert unread(world.script("chief"), thread) == 0


# News to nobody -------------------------------------------------------------------------------------------------------------


def test_an_archive_is_nothing_new_and_in_no_digest(world: World) -> None:
    lately = mail("Late words", "Written yesterday.", id="<y@l>", date=f"{world.now - dt.timedelta(hours=5):%a, %d %b %Y %H:%M:%S} +0000")
    news = open_thread(world, "analyst", title="A real thread")
    world.later(minutes=1)
    script = world.script("chief")
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == 1
    take(world, *BUDGET, lately)
    assert set(threads(world)) == {"A real thread", "Late words", "[LIST] K-9 budget"}
    assert {title: t["unread"] for title, t in threads(world).items()} == {"A real thread": 1, "Late words": 0, "[LIST] K-9 budget": 0}
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == 1
    assert "Late words" not in world.browser("chief").get("/").text
    assert world.count(OutboxMessage) == 0
    digests(world)
    sent = [text(message) for message in mails(world, "chief")]
    assert len(sent) == 1
    assert "A real thread" in sent[0]
    assert "Late words" not in sent[0]
    assert "K-9" not in sent[0]
    assert unread(script, news) == 1


def test_a_reply_to_an_old_thread_is_the_one_thing_new_in_it(world: World) -> None:
    take(world, *BUDGET)
    thread = threads(world)["[LIST] K-9 budget"]["id"]
    reply(world, "analyst", thread, "And today?")
    assert unread(world.script("analyst"), thread) == 0
    assert unread(world.script("chief"), thread) == 1
    digests(world)
    [message] = mails(world, "chief")
    assert "And today?" in text(message)
    assert "Five here." not in text(message)


def test_what_a_longer_archive_adds_is_new_to_no_one_who_had_read_the_thread(world: World) -> None:
    take(world, *BUDGET)
    thread = threads(world)["[LIST] K-9 budget"]["id"]
    chief = world.browser("chief")
    chief.get(f"/threads/{thread}")
    take(world, *BUDGET, mail("Re: K-9 budget", id="<a8@l>", to="<a3@l>", date=DAY.format(30)))
    assert len(messages(world, thread)) == 4
    assert [unread(world.script(who), thread) for who in ("chief", "analyst")] == [0, 0]


def test_opening_an_old_thread_does_not_make_its_other_pages_new(world: World) -> None:
    whole = [mail("Long", id=f"<l{n}@l>", to=f"<l{n - 1}@l>" if n else None, date=DAY.format(n)) for n in range(30)]
    take(world, *whole)
    thread = threads(world)["Long"]["id"]
    world.browser("chief").get(f"/threads/{thread}")
    assert unread(world.script("chief"), thread) == 0
    world.browser("chief").post(f"/threads/{thread}/unread", page="/")
    assert unread(world.script("chief"), thread) == 30


# What is asked of it --------------------------------------------------------------------------------------------------------


def test_the_import_is_logged(world: World) -> None:  # R1
    take(world, *BUDGET)
    row = world.one(select(AuditEvent.actor_name, AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.verb == "archive.import"))
    assert (row.actor_name, row.subject_id) == ("system:commands", world.ids.forums["patrol"])
    assert '"messages": 3' in row.detail
    assert "K-9" not in row.detail


@pytest.mark.parametrize(
    ("slug", "marking", "refusal", "words"),
    [
        ("nowhere", "", NotFound, "no forum"),
        ("command-staff", "TLP:GREEN", Invalid, "stricter"),
        ("patrol", "TLP:RED", Invalid, "named readers"),
        ("patrol", "secret", Invalid, "is not a marking"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_written(
    world: World, slug: str, marking: str, refusal: type[Exception], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        take(world, *BUDGET, slug=slug, marking=marking)
    assert world.count(Thread) == 0
    take(world, *BUDGET, slug="patrol", marking="TLP:AMBER")
    assert threads(world)["[LIST] K-9 budget"]["marking"] == "TLP:AMBER"


@pytest.mark.parametrize("who", ["chief", "moderator", "reviewer1"])
def test_only_an_administrator_can_import(world: World, who: str) -> None:
    actor: Actor = world.actor(who)
    with pytest.raises((Forbidden, NotFound)):
        applying.take_in(world.db, actor, Wish([written(world.folder, mbox(*BUDGET))], "patrol"))
    assert world.count(Thread) == 0


def test_the_longest_message_is_kept_within_the_limit(world: World) -> None:
    take(world, mail("Minutes", "Item. " * 30_000, id="<m@l>"), mail("Short", f"By {TIMER}", id="<s@l>"))
    [whole] = messages(world, threads(world)["Minutes"]["id"])
    assert whole["body"].startswith("Item. Item. ")
    assert whole["body"].endswith("characters, was not taken from the archive.]")
    assert 100_000 < len(whole["body"]) < 100_200
