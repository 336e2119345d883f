"""From the outbox to a real mail server over a socket, with all the ways in which that goes wrong."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.core.errors import Conflict
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.mail import envelope, outbox
from app.mail.delivery import Delivery
from app.mail.models import MailState, OutboxMessage
from app.mail.sending.leaving import Leaving
from app.mail.sending.smtp import PATIENCE, Envelope, SmtpConnection, SmtpTransport
from app.mail.transports import server_of
from app.membership.models import Member
from tests.mail.helpers import SLOT, change, parsed, states, thread
from tests.mail.sink import Script, mail_server
from tests.world import World

HALF_HOUR = dt.timedelta(minutes=30)


@pytest.fixture
def server() -> Iterator[tuple[Script, str]]:
    with mail_server() as made:
        yield made


def letter(world: World, key: str = "one", to: str = "chief@alderwood.example", what: str = "It changed.") -> None:
    values = {"what": what, "at": world.now, "network": "", "path": "", "page": ""}
    with world.db.write() as session:
        mail.queue(session, Letter("account", to, "mail/account_notice", "Your account was changed", key, values))


def smtp(world: World, url: str, seconds: float = 3.0) -> SmtpTransport:
    """To the server, with so long for each step."""
    patience = dict.fromkeys(PATIENCE, seconds)
    return SmtpTransport(
        server_of(url), Envelope(lambda n: envelope.sender(world.platform.signer, n, world.settings.mail_domain)), patience
    )


def deliver(world: World, url: str, seconds: float = 3.0, stop: threading.Event | None = None) -> int:
    return Delivery(world.db, world.settings, smtp(world, url, seconds)).run(stop)


def row(world: World) -> Any:
    return world.one(select(OutboxMessage))


def test_a_letter_leaves_once_with_its_headers_and_its_bytes_are_forgotten(world: World, server: tuple[Script, str]) -> None:  # M5
    script, url = server
    letter(world)
    letter(world)  # the same thing: it is queued once
    assert world.count(OutboxMessage) == 1
    assert deliver(world, url) == 1
    assert deliver(world, url) == 0
    [(sender, to, raw)] = script.kept
    message = parsed(raw)
    local, _, domain = sender.partition("@")
    assert (envelope.outbox_id(world.platform.signer, local), domain) == (row(world).id, "localhost")  # M10
    assert (to, message["To"]) == ("chief@alderwood.example", "chief@alderwood.example")
    assert message["From"] == "Cascade Association of Chiefs and Sheriffs <squadroom@localhost>"
    assert (message["Auto-Submitted"], message["X-Squadroom-Kind"]) == ("auto-generated", "account")
    assert message["Message-ID"] == row(world).message_id
    assert not [name for name in message if name.startswith("List-")]
    assert [p.get_content_type() for p in message.iter_parts()] == ["text/plain", "text/html"]
    assert "<img" not in message.as_string()
    assert (row(world).state, bytes(row(world).raw), row(world).sent_at) == (MailState.SENT, b"", world.now)


def test_a_letter_is_queued_in_the_act_s_transaction_or_not_at_all(world: World) -> None:
    def act_that_fails() -> None:
        with world.db.write() as session:
            values = {"what": "x", "at": world.now, "network": "", "path": "", "page": ""}
            mail.queue(session, Letter("account", "a@b.example", "mail/account_notice", "S", "k", values))
            assert session.execute(select(OutboxMessage.id)).all()
            raise Conflict

    with pytest.raises(Conflict):
        act_that_fails()
    assert world.count(OutboxMessage) == 0


@pytest.mark.parametrize(
    ("verb", "fault"),
    [
        ("EHLO", "421 4.3.2 closing"), ("EHLO", None), ("EHLO", "554 no service here"), ("MAIL", "451 later"), ("MAIL", None),
        ("RCPT", "450 4.2.0 later"),
        ("RCPT", "421 4.3.2 closing"), ("RCPT", None), ("DOT", "451 4.3.0 later"), ("DOT", "452 full"), ("DOT", None),
        ("DOT", 2.0), ("RCPT", 2.0),
    ],
)  # fmt: skip
def test_what_can_not_leave_now_is_tried_again_with_the_same_message_id(
    world: World, server: tuple[Script, str], verb: str, fault: str | float | None
) -> None:  # M5
    script, url = server
    script.faults[verb] = [fault] * (2 if verb == "EHLO" and isinstance(fault, str) else 1)
    letter(world)
    assert deliver(world, url, seconds=0.5) == 0
    assert (row(world).state, row(world).attempts, row(world).next_try_at) == (MailState.QUEUED, 1, world.now + HALF_HOUR)
    assert row(world).error
    world.later(minutes=29)
    assert deliver(world, url) == 0
    world.later(minutes=1)
    script.faults.clear()
    assert deliver(world, url) == 1
    ids = {parsed(raw)["Message-ID"] for raw in script.offered}
    assert ids == {row(world).message_id}
    assert row(world).state == MailState.SENT


def test_the_250_that_is_lost_is_the_only_way_to_a_second_copy(world: World, server: tuple[Script, str]) -> None:  # M12
    script, url = server
    script.faults["DONE"] = [None]
    letter(world)
    assert deliver(world, url) == 0
    world.later(minutes=30)
    assert deliver(world, url) == 1
    assert len(script.kept) == 2
    assert len({parsed(raw)["Message-ID"] for _, _, raw in script.kept}) == 1


@pytest.mark.parametrize("verb", ["RCPT", "DOT"])
def test_what_the_server_will_never_take_fails_and_the_next_goes_on(world: World, server: tuple[Script, str], verb: str) -> None:
    script, url = server
    script.faults[verb] = ["550 5.1.1 no such user"]
    letter(world, "one")
    letter(world, "two", "sheriff@bexley.example")
    transport = smtp(world, url)
    transport.lanes = 1
    assert Delivery(world.db, world.settings, transport).run() == 1
    assert states(world) == [MailState.FAILED, MailState.SENT]
    assert [to for _, to, _ in script.kept] == ["sheriff@bexley.example"]
    assert script.sessions == 1
    world.later(days=5)
    assert deliver(world, url) == 0


def test_no_server_at_all_waits_longer_and_longer_and_gives_up_after_four_days(world: World) -> None:
    letter(world)
    tries = []
    start = world.now
    while row(world).state == MailState.QUEUED:
        world.now = max(world.now, row(world).next_try_at)
        deliver(world, "smtp://127.0.0.1:9")
        tries.append((world.now - start) / dt.timedelta(hours=1))
    assert tries[:6] == [0, 0.5, 1, 2, 4, 8]
    assert 96 <= tries[-1] <= 108
    assert row(world).state == MailState.FAILED
    assert "refused" in row(world).error.lower()


def test_a_few_connections_are_used_for_a_whole_batch(world: World, server: tuple[Script, str]) -> None:  # M11
    script, url = server
    for n in range(45):
        letter(world, f"letter {n}", f"chief@agency{n % 9}.example")
    assert deliver(world, url) == 45
    assert 1 <= script.sessions <= SmtpTransport.lanes
    assert len({sender for sender, _, _ in script.kept}) == 45
    assert len({parsed(raw)["Message-ID"] for _, _, raw in script.kept}) == 45


def test_two_hands_never_hold_the_same_message(world: World) -> None:  # L6
    for n in range(60):
        letter(world, f"letter {n}")
    held: list[list[int]] = []
    gate = threading.Barrier(6)

    def take(hand: int) -> None:
        gate.wait()
        while rows := outbox.claim(world.db, f"hand {hand}", limit=4):
            held.append([r.id for r in rows])

    threads = [threading.Thread(target=take, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ids = [i for some in held for i in some]
    assert len(ids) == len(set(ids)) == 60


def test_a_dead_hand_s_messages_come_back_and_it_can_not_send_them_any_more(world: World) -> None:  # L12
    letter(world)
    [held] = outbox.claim(world.db, "dead")
    assert outbox.claim(world.db, "other") == []
    assert outbox.leaving(world.db, "dead", [held.id]) == {held.id}
    world.later(minutes=4)
    outbox.renew(world.db, "dead")
    world.later(minutes=4)
    assert outbox.claim(world.db, "other") == []
    world.later(minutes=1)
    assert [r.id for r in outbox.claim(world.db, "other")] == [held.id]
    assert outbox.leaving(world.db, "dead", [held.id]) == set()


def test_what_dead_hands_held_is_sent_and_a_third_copy_never(world: World, server: tuple[Script, str]) -> None:  # M12
    script, url = server
    letter(world)
    for hand in ("dead", "also dead", "dead as well"):  # none came as far as a last line
        [held] = outbox.claim(world.db, hand)
        assert held.doubts == 0
        world.later(minutes=5)
    assert deliver(world, url) == 1
    letter(world, "two")
    for doubts, hand in enumerate(("dead", "also dead")):
        [held] = outbox.claim(world.db, hand)
        assert held.doubts == doubts
        assert outbox.leaving(world.db, hand, [held.id]) == {held.id}
        world.later(minutes=5)
    assert deliver(world, url) == 0
    assert states(world) == [MailState.SENT] * 2
    assert len(script.kept) == 1


def test_copies_that_leave_at_once_are_each_written_down_once(world: World) -> None:  # M12
    for n in range(6):
        letter(world, f"letter {n}")
    ids = [held.id for held in outbox.claim(world.db, "hand")]
    leaving = Leaving(world.db, "hand")
    with ThreadPoolExecutor(6) as lanes:
        assert list(lanes.map(leaving, ids)) == [True] * 6
        assert not leaving(ids[0] + 1000)
    with world.db.read() as conn:
        assert conn.execute(select(OutboxMessage.doubts)).scalars().all() == [1] * 6


def test_when_told_to_stop_the_rest_is_given_back(world: World, server: tuple[Script, str]) -> None:  # L12
    script, url = server
    for n in range(5):
        letter(world, f"letter {n}")
    stopped = threading.Event()

    class Stops(SmtpConnection):
        def send(self, row: Any, raw: bytes, before_end: Any = None) -> None:
            super().send(row, raw, before_end)
            if len(script.kept) == 2:
                stop.set()
                stopped.wait(5)  # nothing more is begun once the run has seen it

    class StopsAfterTwo(SmtpTransport):
        def connection(self) -> SmtpConnection:
            return Stops(*self._parts)

    class Seen(threading.Event):
        def is_set(self) -> bool:
            found = super().is_set()
            if found:
                stopped.set()
            return found

    stop = Seen()
    transport = StopsAfterTwo(*smtp(world, url)._parts)
    transport.lanes = 1
    sent = Delivery(world.db, world.settings, transport).run(stop)
    assert sent in (2, 3)  # the next one may have begun at the same moment
    assert sorted(states(world)) == ["queued"] * (5 - sent) + ["sent"] * sent
    assert world.count(OutboxMessage, OutboxMessage.leased_until.is_not(None)) == 0
    assert world.count(OutboxMessage, OutboxMessage.attempts > 0) == sent
    assert deliver(world, url) == 5 - sent
    assert len(script.kept) == 5


def test_account_letters_go_to_those_who_are_no_members_any_more(world: World, server: tuple[Script, str]) -> None:
    script, url = server
    letter(world, to="suspended@corvane.example")
    change(world, Member, Member.id == world.id("chief"), status="suspended")
    letter(world, "two")
    assert deliver(world, url) == 2
    assert len(script.kept) == 2


def test_a_digest_over_smtp(world: World, server: tuple[Script, str]) -> None:  # M1 M4 M5
    from app.mail.digest.run import queue_digests

    script, url = server
    thread(world, "Über alles: a lesson", body="First.\n\n.\n\nA line with a dot alone above.\n\n" + "x" * 1200)
    with_world = queue_digests(world.db, world.settings, SLOT)
    world.now = SLOT
    assert deliver(world, url) == with_world > 3
    for _, to, raw in script.kept:
        message = parsed(raw)
        assert message["To"] == to
        assert b"\r\nList-Unsubscribe: <http://localhost:8000/unsubscribe/" in raw  # as it is, not encoded: machines read it
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        for name in ("List-Id", "List-Archive", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "Date", "Message-ID"):
            assert message[name], name
        assert message["Precedence"] == "list"
        assert message["Auto-Submitted"] == "auto-generated"
        assert "Über alles: a lesson" in message.get_body(("html",)).get_content()
