"""A mailbox that is gone: what the server says at its door, and what follows for the member whose it was."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete

from app.accounts.addresses.models import AccountAddress
from app.core.audit import AuditEvent
from app.mail.health.models import AddressHealth
from app.mail.models import MailState, OutboxMessage
from app.mail.transports import NoSuchMailbox, NotNow, recipient_verdict
from tests.mail.helpers import parsed
from tests.mail.sink import mail_server
from tests.mail.test_delivery import deliver, letter
from tests.membership.cases import text_of
from tests.membership.test_staying import change, daily_pass, go_to, letters, standing
from tests.membership.test_verify import confirm
from tests.people import CAST
from tests.world import World

GONE = "550 5.1.1 no such user"
HOME = "harlan@home.example"


def send(world: World, key: str, fault: str, verb: str = "RCPT", to: str = "") -> list[tuple[str, str, bytes]]:
    with mail_server() as (script, url):
        letter(world, key=f"letter {world.count(OutboxMessage)}", to=to or CAST[key].email)
        script.faults[verb] = [fault]
        deliver(world, url)
    return script.kept


def with_home(world: World) -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("sheriff"), email=HOME, confirmed_at=world.now))


def asked(world: World) -> int:
    return world.count(AuditEvent, AuditEvent.verb == "member.mail_came_back")


def test_a_mailbox_that_is_gone_asks_its_member_at_once(world: World) -> None:  # V11
    daily_pass(world)
    with_home(world)
    client = world.browser("sheriff")
    assert client.get("/forums").status_code == 200
    [(_, to, raw)] = send(world, "sheriff", GONE)
    found = standing(world, "sheriff")
    assert (found.status, found.confirm_first, found.verify_by, found.verify_on) == (
        "active", "bounce", dt.date(2026, 12, 7), dt.date(2026, 12, 4),
    )  # fmt: skip
    assert client.get("/forums").headers["location"] == "/verify?next=%2Fforums"
    assert "there is no such mailbox" in client.get("/verify").text
    told = parsed(raw)
    assert (to, told["Subject"]) == (HOME, "Please confirm your membership by December 7, 2026: a letter to you came back")
    assert "/verify\r\n" in text_of(told)
    assert send(world, "sheriff", GONE) == []
    assert asked(world) == 1, "it is asked once"
    go_to(world, "2026-12-04")
    assert letters(world, HOME)[-1]["Subject"] == "Please confirm your membership by December 7, 2026"
    assert confirm(world.browser("sheriff")).headers["location"] == "/verify?said=membership-waits"
    assert standing(world, "sheriff").confirm_first == "bounce", "their word alone opens nothing"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_says_nothing_about_the_mailbox_asks_nobody(world: World) -> None:  # V11
    daily_pass(world)
    with_home(world)
    send(world, "sheriff", "550 5.7.1 your network is on a list")
    send(world, "sheriff", "550 mailbox unavailable", to="sheriff@elsewhere.example")
    send(world, "sheriff", "550 5.1.1 no such user", verb="DOT")
    send(world, "sheriff", "450 4.1.1 not now")
    send(world, "sheriff", GONE, to=HOME)  # kept beside: neither signed in with nor seen by vetting
    send(world, "sheriff", GONE, to="applicant@elsewhere.example")
    send(world, "suspended", GONE)
    assert asked(world) == 0
    assert world.count(OutboxMessage, OutboxMessage.state == MailState.FAILED) == 6
    change(world, "sheriff", verified_at=world.now)
    send(world, "sheriff", GONE)
    assert asked(world) == 0, "it was queued before they confirmed"
    with world.db.write() as session:  # nothing more is sent there until somebody says that it works again
        session.execute(delete(AddressHealth))
    world.later(minutes=1)
    send(world, "sheriff", GONE)
    assert asked(world) == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_last_administrator_is_asked_and_goes_on(world: World) -> None:  # V11 L6
    daily_pass(world)
    send(world, "admin", GONE)
    found = standing(world, "admin")
    assert (found.confirm_first, found.verify_by) == ("", dt.date(2026, 12, 7))
    assert world.browser("admin").get("/admin").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_is_late_already_gains_no_time_by_it(world: World) -> None:  # V11
    change(world, "sheriff", verify_stage=5, verify_by=dt.date(2026, 10, 31), verify_on=dt.date(2026, 12, 8), status="restricted")
    send(world, "sheriff", GONE)
    found = standing(world, "sheriff")
    assert (found.confirm_first, found.verify_by, found.verify_stage) == ("bounce", dt.date(2026, 10, 31), 5)
    assert world.count(OutboxMessage) == 1, "there is no other address to write to"
    assert asked(world) == 1


@pytest.mark.parametrize(
    ("said", "is_gone"),
    [
        ("5.1.1 <a@b.example>: Recipient address rejected: User unknown", True), ("5.1.10 does not take mail", True),
        ("No such user here", True), ("Requested action not taken: mailbox not found", True), ("user a@b.example doesn't exist", True),
        ("5.7.1 no such user may write here", False), ("Mailbox unavailable", False), ("unknown client host", False),
        ("5.1.11 no such user", False), ("5.2.2 mailbox full", False), ("", False),
    ],
)  # fmt: skip
def test_servers_words_for_a_mailbox_that_is_gone(said: str, is_gone: bool) -> None:  # V11
    assert isinstance(recipient_verdict(550, said.encode()), NoSuchMailbox) is is_gone
    assert isinstance(recipient_verdict(450, said), NotNow)
