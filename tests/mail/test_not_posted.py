"""Who proves to be a member hears by mail that their message was not posted, once an hour; nobody else is written to."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.forum.markings import Marking
from app.forum.models import Forum, Thread
from app.mail.inbound.envelope import Answer
from app.mail.inbound.models import InboundMessage
from app.mail.models import OutboxMessage
from tests.forum.steps import open_thread
from tests.mail.helpers import change, mails, text, whole
from tests.mail.letters import answer_address, bring, letter, notices
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

ME = CAST["sheriff"].email


@pytest.fixture
def to(world: World) -> str:
    """Where the sheriff answers a thread that is locked since."""
    subscribe(world, "sheriff")
    number = open_thread(world, "chief", title="Osprey drill")
    work(world)
    change(world, Thread, Thread.id == number, locked_at=world.now)
    return answer_address(world, "sheriff")


def told_by_mail(world: World) -> list[EmailMessage]:
    return [m for m in mails(world, kind="account") if m["Subject"] == "Your message was not posted"]


def test_its_author_is_told_by_mail_once_an_hour(world: World, to: str) -> None:  # M8
    for n in range(3):
        assert bring(world, letter("sheriff", to, f"canary number {n}."), to, ME) is Answer.REFUSED
    work(world)
    [told] = told_by_mail(world)
    assert told["To"] == ME
    assert (told["Auto-Submitted"], told["Reply-To"]) == ("auto-generated", None)
    assert "The thread is locked" in text(told)
    assert "canary" not in whole(told)
    row = world.one(select(InboundMessage.id).order_by(InboundMessage.id).limit(1))
    assert f"/settings/mail/received/{row.id}" in text(told)
    assert len(notices(world, "sheriff")) == 3  # each, on the site
    world.later(hours=1)
    bring(world, letter("sheriff", to, "An hour later."), to, ME)
    work(world)
    assert len(told_by_mail(world)) == 2


def test_what_we_wrote_begins_no_loop(world: World, to: str) -> None:  # M8
    bring(world, letter("sheriff", to, "Refused."), to, ME)
    work(world)
    [told] = told_by_mail(world)
    before = world.count(OutboxMessage)
    back = str(told["From"]).partition("<")[2].strip(">")
    assert bring(world, letter("sheriff", back, "An answer that nothing marks."), back, ME) is Answer.NO_SUCH_ADDRESS
    assert bring(world, told.as_bytes(), to, ME) is Answer.TAKEN  # a server that sends it back to where the first one went
    assert world.count(OutboxMessage) == before


@pytest.mark.parametrize("other", [{"Authentication_Results": None}, {"From": CAST["chief"].email}, {"From": "mallory@evil.example"}])
def test_who_proves_nothing_makes_us_write_to_nobody(world: World, to: str, other: dict[str, str | None]) -> None:  # M7 M8
    before = world.count(OutboxMessage)
    assert bring(world, letter("sheriff", to, "smuggled", **other), to, "victim@elsewhere.example") is Answer.REFUSED
    assert world.count(OutboxMessage) == before
    assert len(notices(world, "sheriff")) == 1


@pytest.mark.parametrize("forum", ["command-staff", "notices", "nowhere"])
def test_a_thread_that_is_not_taken_is_kept_for_its_author(world: World, forum: str) -> None:
    """The forum's address says nothing of who wrote: only the proof does. One they don't see, one that takes none by mail, and none."""
    closed = f"forum+{forum}@localhost"
    change(world, Forum, Forum.slug == "command-staff", mail_threads=True)
    assert bring(world, letter("analyst", closed, "Words that took an hour."), closed, CAST["analyst"].email) is Answer.REFUSED
    [told] = notices(world, "analyst")
    assert "You can't post there" in told
    row = world.one(select(InboundMessage.id))
    assert "You can't post there" in world.browser("analyst").get(f"/settings/mail/received/{row.id}").text.replace("&#39;", "'")
    assert b"took an hour" in world.browser("analyst").get(f"/settings/mail/received/{row.id}/raw").content
    work(world)
    assert [m["To"] for m in told_by_mail(world)] == [CAST["analyst"].email]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_thread_that_is_for_named_readers_meanwhile_takes_no_answer_and_is_not_named(world: World, to: str) -> None:  # M7 M9
    change(world, Thread, Thread.title == "Osprey drill", locked_at=None)
    assert bring(world, letter("sheriff", to, "While it is open."), to, ME) is Answer.TAKEN
    change(world, Thread, Thread.title == "Osprey drill", marking=Marking.RED)
    assert bring(world, letter("sheriff", to, "Too late."), to, ME) is Answer.REFUSED
    work(world)
    [told] = told_by_mail(world)
    assert "You can't post there" in text(told)
    assert "Osprey" not in whole(told) + "".join(n for n in notices(world, "sheriff"))
    path = f"/settings/mail/received/{world.one(select(InboundMessage.id).order_by(InboundMessage.id.desc()).limit(1)).id}"
    assert "Osprey" not in world.browser("sheriff").get(path).text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_forum_s_address_stands_where_a_thread_is_written(world: World) -> None:
    page, address = "/forums/patrol/new", "forum+patrol@localhost"
    assert address not in world.browser("sheriff").get(page).text  # it takes none
    change(world, Forum, Forum.slug == "patrol", mail_threads=True)
    assert f'href="mailto:{address}"' in world.browser("sheriff").get(page).text
