"""What comes back: believed by its signed address alone; gone for good ends the mail at once, what passes goes down a ladder."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.signing import Signer
from app.mail import envelope
from app.mail.health.models import AddressHealth, HealthState
from app.mail.inbound.envelope import Answer
from app.mail.models import MailState, OutboxMessage
from app.membership.models import Member
from tests.forum.steps import open_thread
from tests.mail.letters import bring, notices
from tests.mail.test_at_once import single, subscribe, work
from tests.people import CAST
from tests.world import World

WHO = CAST["sheriff"].email


@pytest.fixture
def back(world: World) -> str:
    """The envelope's sender of a mail that the sheriff was sent."""
    subscribe(world, "sheriff")
    open_thread(world, "chief", title="Osprey drill")
    work(world)
    row = world.one(select(OutboxMessage.id).where(OutboxMessage.recipient == WHO, OutboxMessage.kind == "reply"))
    return envelope.sender(Signer(world.settings.keys), row.id, "localhost")


def report(to: str, status: str = "5.1.1", said: str = "550 5.1.1 no such user", action: str = "failed") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"\n\n--=b\nContent-Type: text/plain\n\nSorry.\n'
        f"--=b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {WHO}\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n\n--=b--\n"
    ).encode()


def complaint(to: str) -> bytes:
    return (
        f"From: fbl@mx.example\nTo: {to}\nSubject: complaint\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="=b"\n\n--=b\nContent-Type: text/plain\n\nAn abuse report.\n'
        "--=b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n--=b--\n"
    ).encode()


def state(world: World) -> str:
    with world.db.read() as conn:
        return conn.execute(select(AddressHealth.state).where(AddressHealth.email == WHO)).scalar_one_or_none() or "well"


def test_gone_for_good_ends_the_mail_at_once_and_asks_the_member(world: World, back: str) -> None:  # M10 V11
    open_thread(world, "chief", title="Waits to leave")
    from app.core import clock, jobs

    world.later(seconds=11)
    with clock.at(world.now):
        jobs.run_due(world.db)
    assert world.count(OutboxMessage, OutboxMessage.recipient == WHO, OutboxMessage.state == MailState.QUEUED) == 1
    assert bring(world, report(back), back, "") is Answer.TAKEN
    assert state(world) == HealthState.SUPPRESSED
    assert world.count(OutboxMessage, OutboxMessage.recipient == WHO, OutboxMessage.state == MailState.QUEUED) == 0
    assert world.one(select(Member.confirm_first).where(Member.id == world.id("sheriff"))).confirm_first == "bounce"
    assert world.count(AuditEvent, AuditEvent.verb == "mail.suppress") == 1
    open_thread(world, "chief", title="After it")
    work(world)
    assert len(single(world, "sheriff")) == 1
    assert bring(world, report(back), back, "") is Answer.TAKEN  # the same again
    assert world.count(AuditEvent, AuditEvent.verb == "mail.suppress") == 1


def test_a_forged_report_changes_nothing(world: World, back: str) -> None:  # M10
    local = back.split("@", maxsplit=1)[0]
    for forged in (f"{local[:-3]}{'aaa' if not local.endswith('aaa') else 'bbb'}@localhost", "bounce+forged@localhost"):
        assert bring(world, report(forged), forged, "") is Answer.NO_SUCH_ADDRESS
    other = envelope.sender(Signer(("another key",)), 1, "localhost")
    assert bring(world, report(other), other, "") is Answer.NO_SUCH_ADDRESS
    assert state(world) == "well"


@pytest.mark.parametrize(
    ("status", "said", "action", "after"),
    [
        ("5.1.1", "550 5.1.1 no such user", "failed", "suppressed"), ("5.1.10", "554 5.1.10 rejected", "failed", "suppressed"),
        ("5.0.0", "550 user unknown", "failed", "suppressed"), ("5.7.1", "550 5.7.1 spam", "failed", "failing"),
        ("5.2.2", "552 5.2.2 mailbox full", "failed", "failing"), ("4.4.1", "later", "delayed", "failing"),
        ("2.0.0", "250 ok", "delivered", "well"), ("", "", "relayed", "well"),
    ],
)  # fmt: skip
def test_what_a_report_means(world: World, back: str, status: str, said: str, action: str, after: str) -> None:  # M10
    assert bring(world, report(back, status, said, action), back, "") is Answer.TAKEN
    assert state(world) == after


def test_the_ladder_counts_a_day_once_and_forgets_after_a_week(world: World, back: str) -> None:  # M10
    soft = report(back, "4.4.1", "451 later", "delayed")

    def days(count: int) -> None:
        for _ in range(count):
            bring(world, soft, back, "")
            bring(world, soft.replace(b"Sorry", b"Very sorry"), back, "")
            world.later(days=1)

    days(4)
    world.later(days=8)
    days(4)
    assert notices(world, "sheriff") == []
    days(1)
    assert "has come back for days" in notices(world, "sheriff")[0]
    days(10)
    assert state(world) == HealthState.SUPPRESSED
    assert world.one(select(AddressHealth.cause).where(AddressHealth.email == WHO)).cause == "ladder"


def test_three_refusals_are_enough(world: World, back: str) -> None:  # M10
    for n in range(3):
        assert state(world) != HealthState.SUPPRESSED
        bring(world, report(back, "5.7.1", f"550 5.7.1 policy {n}"), back, "")
    assert state(world) == HealthState.SUPPRESSED


def test_a_complaint_switches_that_kind_off(world: World, back: str) -> None:  # M10
    assert bring(world, complaint(back), back, "fbl@mx.example") is Answer.TAKEN
    levels = world.script("sheriff").call("GET", "/me/subscriptions").json()["forums"]
    assert levels == {"patrol": "none", "command-staff": "daily", "notices": "daily"}
    assert state(world) == "well"
    assert world.count(AuditEvent, AuditEvent.verb == "mail.complaint") == 1


def test_anything_else_at_that_address_is_taken_and_means_nothing(world: World, back: str) -> None:  # M8
    for raw in (b"", b"Subject: thank you\n\nIt arrived.", b"\xff" * 500, report(back).replace(b"delivery-status", b"nonsense")):
        assert bring(world, raw, back, "") is Answer.TAKEN
    assert state(world) == "well"
