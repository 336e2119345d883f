"""Messages that are mailed by themselves: to whom, once, with what may be said, and stopped by one click."""

from __future__ import annotations

import datetime as dt
import re
from email.message import EmailMessage

import pytest

from app.core import clock
from app.core.signing import token_hash
from app.forum.markings import Marking
from app.forum.models import Reply
from app.forum.operations.writing import SETTLES
from app.mail.inbound.models import ReplyToken
from app.mail.models import MailedAtOnce
from app.membership.models import Member, MemberStatus
from app.worker import run_once
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import change, digests, mails, text, whole
from tests.world import World


def subscribe(world: World, key: str, level: str = "each", forum: str = "patrol", **digest: object) -> None:
    answer = world.script(key).call("PUT", "/me/subscriptions", {"forums": {forum: level}, "digest": digest})
    assert answer.status_code == 200, answer.text


def watch(world: World, key: str, thread: int, level: str) -> None:
    assert world.script(key).call("PUT", f"/threads/{thread}/watch", {"level": level}).status_code < 300


def work(world: World, minutes: float = 0) -> None:
    """What is due in so many minutes; a message is told of once it can no longer be taken back."""
    run_once(world.db, world.settings, world.now + dt.timedelta(minutes=minutes) + SETTLES)


def single(world: World, key: str) -> list[EmailMessage]:
    return mails(world, key, "reply")


def test_each_message_comes_by_itself_to_who_wants_it_and_to_nobody_else(world: World) -> None:  # M5 M7
    for key in ("sheriff", "colleague", "chief"):
        subscribe(world, key)
    subscribe(world, "vendor", forum="notices")
    thread = open_thread(world, "chief", title="Osprey drill", marking="TLP:GREEN", body="The word is **falkonet**.")
    work(world)
    work(world)
    assert not single(world, "chief")  # one's own
    assert not single(world, "moderator")  # did not ask
    assert not single(world, "vendor")  # may not see it
    [message] = single(world, "sheriff")
    assert len(single(world, "colleague")) == 1
    assert message["Subject"] == "[TLP:GREEN] Osprey drill"
    assert text(message).startswith("TLP:GREEN\n")
    assert "falkonet" in text(message)
    assert f"/threads/{thread}" in text(message)
    assert str(message["List-Id"]) == "<patrol.localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    found = re.fullmatch(r"reply\+([a-z2-7]{32})@localhost", str(message["Reply-To"]))
    assert found
    row = world.one(ReplyToken.__table__.select().where(ReplyToken.token_hash == token_hash(found[1])))
    assert (row.member_id, row.threads) == (world.id("sheriff"), [thread])
    assert dt.timedelta(days=29) < row.expires_at - world.now <= dt.timedelta(days=31)


def test_replies_hang_on_the_opening_message_whether_that_was_mailed_or_not(world: World) -> None:  # M5
    thread = open_thread(world, "chief")
    subscribe(world, "sheriff")
    reply(world, "colleague", thread, "A first answer.")
    world.later(minutes=1)
    reply(world, "colleague", thread, "A second one.")
    work(world)
    [opening] = single(world, "sheriff")[:-2] or [None]
    first, second = single(world, "sheriff")[-2:]
    assert first["In-Reply-To"] == second["In-Reply-To"] == first["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert opening is None or opening["Message-ID"] == first["In-Reply-To"]


@pytest.mark.parametrize("marking", [Marking.AMBER, Marking.AMBER_STRICT])
def test_amber_says_nothing_but_that_it_is_there(world: World, marking: Marking) -> None:  # M6 H3
    subscribe(world, "sheriff", forum="command-staff")
    thread = open_thread(world, "chief", "command-staff", title="Ibis canary-title", body="canary-words", marking=marking.label)
    work(world)
    [message] = single(world, "sheriff")
    assert f"/threads/{thread}" in text(message)
    for word in ("canary-title", "canary-words", "Marchetti"):
        assert word not in whole(message), word
    assert marking.label in text(message)


@pytest.mark.parametrize(("content", "title", "words"), [("full", True, True), ("headlines", True, False), ("links", False, False)])
def test_no_more_than_was_asked_for(world: World, content: str, title: bool, words: bool) -> None:
    subscribe(world, "sheriff", content=content)
    open_thread(world, "chief", title="Heron ledger", body="pelikanol")
    work(world)
    [message] = single(world, "sheriff")
    assert ("Heron ledger" in whole(message), "pelikanol" in whole(message)) == (title, words)


def test_what_was_mailed_at_once_is_not_in_the_digest(world: World) -> None:
    """Until the level was changed: what comes after is the digest's."""
    subscribe(world, "sheriff")
    open_thread(world, "chief", title="Mailed by itself")
    work(world)
    subscribe(world, "sheriff", "daily")
    world.later(minutes=5)
    open_thread(world, "chief", title="For the digest")
    work(world)
    assert len(single(world, "sheriff")) == 1
    digests(world)
    [digest] = mails(world, "sheriff")
    assert "For the digest" in text(digest)
    assert "Mailed by itself" not in whole(digest)
    [control] = mails(world, "moderator")
    assert "Mailed by itself" in text(control)


def test_what_changes_before_it_leaves_is_asked_again(world: World) -> None:  # M13
    from app.core import jobs

    for key in ("sheriff", "colleague", "analyst", "other_moderator"):
        subscribe(world, key)
    thread = open_thread(world, "chief", title="As it was", body="dodolan")
    taken = open_thread(world, "chief", title="Taken away", body="quagga")
    world.later(seconds=11)
    with clock.at(world.now):
        jobs.run_due(world.db)  # queued, and not sent yet
    assert world.count(MailedAtOnce) == 8
    change(world, Member, Member.id == world.id("analyst"), status=MemberStatus.SUSPENDED)
    subscribe(world, "colleague", "none")
    script = world.script("chief")
    assert script.call("PATCH", f"/threads/{thread}/replies/0", {"body": "moalan", "version": 1}).status_code == 200
    hide(world, taken, 0)
    work(world)
    assert not single(world, "analyst")
    assert not single(world, "colleague")
    [message] = single(world, "sheriff")
    assert "moalan" in text(message)
    assert "dodolan" not in whole(message)
    assert "Reply-To" in message
    assert not [m for m in single(world, "other_moderator") if "quagga" in whole(m)]
    assert world.count(Reply, Reply.hidden_at.is_not(None)) == 1


def test_mute_beats_all_and_a_threads_watch_beats_the_forums_level(world: World) -> None:
    thread = open_thread(world, "chief")
    work(world)
    subscribe(world, "sheriff")
    subscribe(world, "colleague")
    watch(world, "sheriff", thread, "mute")
    watch(world, "analyst", thread, "each")
    reply(world, "moderator", thread, "An answer.")
    work(world)
    assert not single(world, "sheriff")
    assert len(single(world, "colleague")) == 1
    [message] = single(world, "analyst")
    link = str(message["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    outsider = world.outsider()
    assert outsider.get(link).status_code == 200
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "https://mail.example"}
    assert outsider.request("POST", link, content="List-Unsubscribe=One-Click", headers=headers).status_code == 200  # M1
    reply(world, "moderator", thread, "Another.")
    work(world)
    assert len(single(world, "analyst")) == 1
    assert len(single(world, "colleague")) == 2


def test_one_click_ends_one_forum_and_only_by_post(world: World) -> None:  # M1
    subscribe(world, "sheriff")
    subscribe(world, "sheriff", forum="notices")
    open_thread(world, "chief")
    work(world)
    [message] = single(world, "sheriff")
    link = str(message["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    outsider, script = world.outsider(), world.script("sheriff")
    levels = lambda: script.call("GET", "/me/subscriptions").json()["forums"]  # noqa: E731
    assert outsider.get(link).status_code == 200
    assert levels()["patrol"] == "each"
    assert outsider.request("POST", link[:-2] + "zz", content="x=y").status_code in (303, 404)
    assert levels()["patrol"] == "each"
    assert outsider.request("POST", link, content="List-Unsubscribe=One-Click").status_code in (200, 415)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert outsider.request("POST", link, content="List-Unsubscribe=One-Click", headers=headers).status_code == 200
    assert levels() == {"patrol": "none", "command-staff": "daily", "notices": "each"}


def test_a_pause_and_a_restricted_member(world: World) -> None:
    subscribe(world, "sheriff", paused_until="2026-12-24")
    subscribe(world, "colleague")
    change(world, Member, Member.id == world.id("colleague"), status=MemberStatus.RESTRICTED)
    open_thread(world, "chief", title="Heron ledger", body="pelikanol")
    work(world)
    assert not single(world, "sheriff")
    [message] = single(world, "colleague")
    assert "Heron" not in whole(message)
    assert "Reply-To" not in message  # reads, and posts nothing
