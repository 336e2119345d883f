"""/admin/mail: what waits, what failed and why; stopping all mail, and sending one message once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.site import SiteRow
from app.mail.delivery import Delivery
from app.mail.digest.run import queue_digests
from app.mail.health.models import AddressHealth, HealthState
from app.mail.models import MailState, OutboxMessage
from app.mail.sending.metrics import MailCollector
from app.membership.models import Member
from tests.mail.helpers import SLOT, change, mails, states, thread
from tests.mail.scripted import Scripted, scripted
from tests.mail.test_delivery import deliver, letter, smtp
from tests.people import CAST
from tests.world import World

PAGES = ("/admin/mail", "/admin/mail/failures", "/admin/mail/addresses", "/admin/mail/to?to=chief@alderwood.example")
NO = b"550 5.7.1 we do not like your face\r\n"


def fail(world: World, count: int = 1, kind: str = "") -> None:
    script = Scripted()
    script.faults["RCPT"] = [NO] * count
    for n in range(count):
        letter(world, f"letter {world.count(OutboxMessage)}", f"chief{n}@failing.example")
        world.later(seconds=1)
    if kind:
        change(world, OutboxMessage, OutboxMessage.kind == "account", kind=kind)
    with scripted(script) as port:
        Delivery(world.db, world.settings, smtp(world, f"smtp://127.0.0.1:{port}")).run()


def suppress(world: World, email: str, said: str = "550 5.1.1 no such user") -> None:
    with world.db.write() as session:
        session.add(
            AddressHealth(
                email=email, state=HealthState.SUPPRESSED, said=said, cause="bounce", first_at=world.now, last_at=world.now,
                suppressed_at=world.now,
            )
        )  # fmt: skip


def the(world: World) -> Any:
    return world.one(select(OutboxMessage))


def test_the_page_tells_what_waits_and_what_failed_in_the_server_s_words(world: World) -> None:
    admin = world.browser("admin")
    assert "Nothing waits" in admin.get("/admin/mail").text
    fail(world, 7)
    for n in range(3):
        letter(world, f"waits {n}")
    suppress(world, "gone@agency.example")
    with world.count_queries() as queries:
        page = admin.get("/admin/mail").text
    assert queries.count <= 8, queries.statements  # 5 of the page's own, and who asks
    assert "<b>About accounts</b> 3" in page
    assert page.count("we do not like your face") == 5
    assert "gone@agency.example" in page
    assert "Failed, 7 days</dt><dd>7<" in page
    everything = admin.get("/admin/mail/failures").text
    assert [f"chief{n}@failing.example" in everything for n in range(7)] == [True] * 7
    assert everything.index("chief6@") < everything.index("chief0@")
    assert "gone@agency.example" in admin.get("/admin/mail/addresses").text


def test_failures_go_on_page_by_page(world: World) -> None:
    fail(world, 24)
    admin, path, found = world.browser("admin"), "/admin/mail/failures", []
    while path:
        page = admin.get(path).text
        found.append(page.count('<li id="message-'))
        path = page.split('href="/admin/mail/failures?after=')[1].split('"')[0] if "?after=" in page else ""
        path = f"/admin/mail/failures?after={path}" if path else ""
    assert found == [20, 4]
    assert admin.get("/admin/mail/failures?after=nonsense").status_code == 422


def test_only_administrators_see_any_of_it(world: World) -> None:  # C1
    fail(world)
    assert "chief0@failing.example" in world.browser("admin").get("/admin/mail").text
    for path in PAGES:
        assert world.browser("admin").get(path).status_code == 200
        for who in ("moderator", "reviewer1", "chief"):
            assert world.browser(who).get(path).status_code == 404, path
    assert world.script("admin", "read,write,admin").call("GET", "/mail/health").status_code == 200
    assert world.script("admin").call("GET", "/mail/health").status_code in (403, 404)
    assert world.script("chief", "read,write,moderate,admin").call("GET", "/mail/health").status_code in (403, 404)


def test_one_person_s_mail_is_found_and_its_text_is_not_shown(world: World) -> None:
    letter(world, what="A secret of theirs.")
    letter(world, "other", "sheriff@bexley.example")
    page = world.browser("admin").get("/admin/mail/to?to=+Chief@Alderwood.example").text
    assert page.count('<li id="message-') == 1
    assert "About accounts" in page
    assert "A secret" not in page
    assert "Nothing found" in world.browser("admin").get("/admin/mail/to?to=nobody@x.example").text


def test_health_for_a_monitor(world: World) -> None:
    fail(world, 2)
    letter(world, "waits")
    suppress(world, "gone@agency.example")
    world.later(seconds=90)
    with scripted(Scripted()) as port:
        assert deliver(world, f"smtp://127.0.0.1:{port}") == 1
    letter(world, "also waits")
    world.later(seconds=40)
    got = world.script("admin", "read,admin").call("GET", "/mail/health").json()
    assert got == {"queued": 1, "oldest_seconds": 40, "sent": 1, "failed": 2, "suppressed": 1}


def test_the_numbers_for_prometheus(world: World) -> None:
    fail(world, 2)
    letter(world, "waits")
    suppress(world, "gone@agency.example")
    world.later(seconds=90)
    registry = CollectorRegistry()
    registry.register(MailCollector(world.db))
    said = generate_latest(registry).decode()
    for line in (
        'squadroom_mail_queued{kind="account"} 1.0', "squadroom_mail_oldest_seconds 90.0",
        'squadroom_mail_messages_total{outcome="failed"} 2.0',
        'squadroom_mail_messages_total{outcome="sent"} 0.0', "squadroom_mail_suppressed 1.0",
    ):  # fmt: skip
        assert line in said, line


# Pausing --------------------------------------------------------------------------------------------------------------------------


def test_an_administrator_pauses_all_mail_and_lets_it_go_on(world: World) -> None:
    letter(world)
    admin = world.browser("admin")
    assert admin.post("/admin/mail/pause", page="/admin/mail").status_code == 303
    assert "All mail is paused" in admin.get("/admin/mail").text
    assert Delivery(world.db, world.settings).run() == 0
    assert (the(world).state, the(world).leased_until, the(world).attempts) == (MailState.QUEUED, None, 0)
    assert admin.post("/admin/mail/go-on", page="/admin/mail").status_code == 303
    assert Delivery(world.db, world.settings).run() == 1
    verbs = [verb for (verb,) in _rows(world, select(AuditEvent.verb).where(AuditEvent.verb.like("mail.%")).order_by(AuditEvent.id))]
    assert verbs == ["mail.pause", "mail.go_on"]


def test_a_pause_is_heeded_in_the_middle_of_a_run(world: World) -> None:
    script, paused = Scripted(), []
    for n in range(12):
        letter(world, f"letter {n}", f"chief@agency{n}.example")

    with scripted(script) as port:
        transport = smtp(world, f"smtp://127.0.0.1:{port}", 20)
        transport.lanes = 1
        make = transport.connection

        def connection() -> Any:
            made = make()
            send = made.send

            def pausing(*args: Any) -> None:
                send(*args)
                if not paused:
                    paused.append(1)
                    with world.db.write() as session:
                        session.merge(SiteRow(id=1, name="A", address="B", time_zone="UTC", mail_paused_at=world.now))
                    until = script.over.wait(0.6)  # longer than it takes to look
                    assert not until

            made.send = pausing
            return made

        transport.connection = connection  # type: ignore[method-assign]
        sent = Delivery(world.db, world.settings, transport).run()
    assert sent < 12
    assert len(script.kept) == sent
    assert world.count(OutboxMessage, OutboxMessage.state == MailState.QUEUED, OutboxMessage.leased_until.is_(None)) == 12 - sent


def test_pausing_needs_a_fresh_second_factor(world: World) -> None:
    stale = world.browser("admin", stepped_up=False)
    answer = stale.post("/admin/mail/pause", page="/admin/mail")
    assert answer.headers["location"].startswith("/step-up")
    assert world.count(SiteRow, SiteRow.mail_paused_at.is_not(None)) == 0


# Addresses that take no mail ------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_to_an_address_from_which_mail_came_back(world: World) -> None:  # M10
    letter(world)
    letter(world, "other", "sheriff@bexley.example")
    suppress(world, "chief@alderwood.example")
    assert Delivery(world.db, world.settings).run() == 1
    assert states(world) == [MailState.DROPPED, MailState.SENT]
    row = world.one(select(OutboxMessage.error, OutboxMessage.raw).where(OutboxMessage.state == MailState.DROPPED))
    assert "came back" in row.error
    assert bytes(row.raw) == b""


# Once more ------------------------------------------------------------------------------------------------------------------------


def resend(world: World) -> Any:
    return world.browser("admin").post(f"/admin/mail/messages/{the(world).id}/resend", page="/admin/mail/failures")


def test_what_failed_is_sent_again_under_its_message_id(world: World) -> None:
    fail(world, kind="bulletin")
    before = the(world)
    assert before.state == MailState.FAILED
    world.later(days=6)
    assert resend(world).status_code == 303
    with scripted(Scripted()) as port:
        assert deliver(world, f"smtp://127.0.0.1:{port}") == 1
    assert (the(world).state, the(world).message_id, bytes(the(world).raw)) == (MailState.SENT, before.message_id, b"")
    assert world.count(AuditEvent, AuditEvent.verb == "mail.resend") == 1


def test_a_letter_with_a_link_that_opens_something_is_not_kept(world: World) -> None:
    fail(world)
    assert bytes(the(world).raw) == b""
    answer = resend(world)
    assert answer.status_code == 409
    assert "was not kept" in answer.text
    assert the(world).state == MailState.FAILED


def test_a_digest_that_was_sent_is_made_anew(world: World) -> None:  # M13
    lesson = thread(world, "A lesson")
    queue_digests(world.db, world.settings, SLOT, CAST["colleague"].email)
    world.now = SLOT
    assert Delivery(world.db, world.settings).run() == 1
    [first] = mails(world, "colleague")
    world.later(days=1)
    assert resend(world).status_code == 303
    assert Delivery(world.db, world.settings).run() == 1
    [one, two] = mails(world, "colleague")
    assert one["Message-ID"] == two["Message-ID"] == first["Message-ID"]
    assert f"/threads/{lesson}" in two.as_string()
    change(world, Member, Member.id == world.id("colleague"), status="suspended")
    assert resend(world).status_code == 303
    assert Delivery(world.db, world.settings).run() == 0, "who may read it is asked again"
    assert the(world).state == MailState.DROPPED


@pytest.mark.parametrize("what", ["waits", "suppressed", "none"])
def test_what_can_not_be_sent_again_is_said(world: World, what: str) -> None:
    fail(world, kind="bulletin")
    number = the(world).id
    if what == "waits":
        change(world, OutboxMessage, OutboxMessage.id == number, state=MailState.QUEUED, next_try_at=world.now + dt.timedelta(days=1))
    if what == "suppressed":
        suppress(world, "chief0@failing.example")
    admin = world.browser("admin")
    path = f"/admin/mail/messages/{number + (what == 'none')}/resend"
    answer = admin.post(path, page="/admin/mail")
    assert answer.status_code == (404 if what == "none" else 409)
    if what != "none":
        assert {"waits": "waits to be sent already", "suppressed": "came back"}[what] in answer.text


def _rows(world: World, statement: Any) -> Any:
    with world.db.read() as conn:
        return conn.execute(statement).all()
