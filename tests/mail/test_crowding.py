"""Whoever holds an address that leaked can't fill a member's notifications and the database with messages that are not posted."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from app.forum.models import Reply
from app.mail.inbound import crowding
from app.mail.inbound.envelope import Answer
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.notices.models import Notification
from tests.forum.steps import open_thread
from tests.mail.letters import answer_address, bring, letter
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

ME, EVIL = CAST["sheriff"].email, "mallory@evil.example"


def address(world: World, title: str) -> str:
    """Where the sheriff answers a new thread."""
    subscribe(world, "sheriff")
    world.later(minutes=1)
    open_thread(world, "chief", title=title)
    work(world)
    return answer_address(world, "sheriff")


def forged(to: str, n: int, **other: str) -> EmailMessage:
    return letter("sheriff", to, f"smuggled {n}", From=EVIL, **other)


def kept(world: World) -> int:
    return world.count(InboundMessage)


def told(world: World) -> list[str]:
    with world.db.read() as conn:
        mine = (Notification.member_id == world.id("sheriff"), Notification.key.like("inbound%"))
        return list(conn.execute(select(Notification.text).where(*mine).order_by(Notification.id)).scalars())


def test_of_one_address_so_many_are_kept_in_an_hour_and_told_and_no_more(world: World) -> None:  # M8
    to, most = address(world, "Osprey drill"), crowding.OF_THREAD
    world.now = world.now.replace(minute=5)
    messages = [forged(to, n) for n in range(most + 5)]
    assert [bring(world, message, to, EVIL) for message in messages] == [Answer.REFUSED] * most + [Answer.TRY_LATER] * 5
    assert kept(world) == most
    assert len(told(world)) == most + 1
    assert "turned away" in told(world)[-1]
    assert bring(world, messages[0], to, EVIL) is Answer.REFUSED  # it was kept, and is no other
    assert bring(world, letter("sheriff", to, "My own word."), to, ME) is Answer.TAKEN
    assert world.count(Reply, Reply.body == "My own word.") == 1
    world.later(minutes=61)
    assert bring(world, messages[-1], to, EVIL) is Answer.REFUSED  # its server brings it again
    assert len(told(world)) == most + 2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nor_are_more_of_several_addresses_or_automatic_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # M8
    first, second = address(world, "Osprey drill"), address(world, "Heron ledger")
    world.now = world.now.replace(minute=5)
    for name, most in (("OF_THREAD", 4), ("OF_MEMBER", 6), ("OF_MEMBER_AT_MOST", 8)):
        monkeypatch.setattr(crowding, name, most)
    answers = [bring(world, forged(to, n, Precedence="bulk"), to, EVIL) for to in (first, second) for n in range(5)]
    assert answers == [Answer.TAKEN] * 4 + [Answer.TRY_LATER] + [Answer.TAKEN] * 2 + [Answer.TRY_LATER] * 3
    assert kept(world) == 6
    assert len(told(world)) == 1
    chief = CAST["chief"].email  # their own that can't be posted, answered to one person alone
    mine = [bring(world, letter("sheriff", chief, f"Private {n}."), first, ME) for n in range(3)]
    assert mine == [Answer.REFUSED] * 2 + [Answer.TRY_LATER]
    assert kept(world) == 8


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_at_a_forum_s_address_what_nobody_is_known_to_have_sent_is_bounded_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "OF_NOBODY", 3)
    to = "forum+patrol@localhost"
    assert [bring(world, forged(to, n), to, EVIL) for n in range(5)] == [Answer.REFUSED] * 3 + [Answer.TRY_LATER] * 2
    assert bring(world, letter("sheriff", to, "By a member."), to, ME) is Answer.REFUSED  # and kept for them
    assert world.count(InboundMessage, InboundMessage.state == InboundState.REFUSED) == 4
