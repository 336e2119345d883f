"""All the ways in which a mail server fails: nothing is lost, nothing comes twice but where the 250 was, and nobody else waits."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.mail import outbox
from app.mail.delivery import Delivery
from app.mail.models import MailState, OutboxMessage
from app.mail.sending.pace import Pace
from tests.mail.helpers import parsed
from tests.mail.scripted import Drips, Drops, Fault, Hangs, Scripted, scripted
from tests.mail.test_delivery import letter, smtp
from tests.world import World

SLOW, OTHERS = "slow.example", ("a.example", "b.example", "c.example")
_tick = threading.Event()
SHORT = 0.4  # seconds for each step


@dataclass(frozen=True)
class Case:
    """`end`: what becomes of the message to SLOW at the first try, and how many copies there are in the end."""

    name: str
    step: str
    fault: Fault
    end: str = "waits"
    copies: int = 1


def _each(what: str, fault: Fault, *steps: str, **other: Any) -> list[Case]:
    return [Case(f"{what} at {step}", step, fault, **other) for step in steps]


CASES = [
    *_each("4xx", b"451 4.3.0 later\r\n", "GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"),
    *_each("5xx", b"554 5.0.0 no\r\n", "GREETING", "EHLO", "MAIL"),
    *_each("5xx", b"554 5.7.1 no\r\n", "RCPT", "DATA", "DOT", end="fails", copies=0),
    *_each("421", b"421 4.3.2 closing\r\n", "GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"),
    *_each("silence", Hangs, "GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"),
    *_each("a letter a while", Drips, "GREETING", "RCPT", "DOT"),
    *_each("hanging up", Drops(), "GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT"),
    *_each("the 250 is lost", Drops(kept=True), "DOT", copies=2),
    *_each("garbage", b"\x00\xff\x13 what\r\n", "GREETING", "EHLO", "RCPT", "DOT"),
    *_each("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n", "GREETING"),
    *_each("half a line", b"25", "MAIL", "DOT"),
    *_each("an endless line", b"250 " + b"x" * 20_000 + b"\r\n", "EHLO", "MAIL", "DOT"),
    *_each("a code that is none", b"999 what\r\n", "RCPT", "DOT"),
]


def _letters(world: World) -> None:
    for domain in (SLOW, *OTHERS):
        letter(world, domain, f"chief@{domain}")


def _state(world: World) -> dict[str, str]:
    with world.db.read() as conn:
        return dict(conn.execute(select(OutboxMessage.key, OutboxMessage.state)).all())


def _send(world: World, port: int) -> int:
    return Delivery(world.db, world.settings, smtp(world, f"smtp://127.0.0.1:{port}", SHORT), Pace()).run()


def _is_before_the_message(case: Case) -> bool:
    return case.step in ("GREETING", "EHLO")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_nothing_is_lost_and_nothing_comes_twice(world: World, case: Case) -> None:  # L7 M11 M12
    script = Scripted(only="" if case.step in ("GREETING", "EHLO", "MAIL") else SLOW)
    # A server that fails once at EHLO is asked by HELO, too.
    script.faults[case.step] = [case.fault] * (2 if case.step == "EHLO" else 1)
    _letters(world)
    with scripted(script) as port:
        began = time.monotonic()
        _send(world, port)
        took = time.monotonic() - began
        first = dict(_state(world))
        assert took < 20
        for hours in (1, 3, 9):
            world.later(hours=hours)
            script.faults.clear()
            _send(world, port)
    if script.only:  # the others did not wait for it
        assert {first[domain] for domain in OTHERS} == {MailState.SENT}
        assert first[SLOW] == (MailState.FAILED if case.end == "fails" else MailState.QUEUED)
    else:
        assert MailState.FAILED not in first.values()
        assert MailState.QUEUED in first.values()
    assert [state for key, state in _state(world).items() if key != SLOW] == [MailState.SENT] * 3
    copies: dict[str, list[str]] = {}
    for _, to, raw in script.kept:
        copies.setdefault(to, []).append(parsed(raw)["Message-ID"])
    assert {to: len(ids) for to, ids in copies.items()} == {
        f"chief@{domain}": n for domain in (SLOW, *OTHERS) if (n := case.copies if domain == SLOW else 1)
    }
    assert all(len(set(ids)) == 1 for ids in copies.values())


def test_there_are_many_ways() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 25


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:9", "smtp://no-such-server.invalid:25"])
def test_a_server_that_is_not_there_is_asked_once_and_left_alone_for_a_minute(world: World, url: str) -> None:  # L7
    _letters(world)
    calls: list[float] = []
    transport = smtp(world, url, SHORT)
    make = transport.connection
    transport.connection = lambda: calls.append(1) or make()  # type: ignore[func-returns-value, method-assign, assignment]
    delivery = Delivery(world.db, world.settings, transport)
    assert delivery.run() == 0
    assert set(_state(world).values()) == {MailState.QUEUED}
    assert world.count(OutboxMessage, OutboxMessage.attempts == 1, OutboxMessage.error != "") == 4
    letter(world, "new", "chief@new.example")
    assert delivery.run() == 0
    assert (len(calls), world.count(OutboxMessage, OutboxMessage.attempts == 0)) == (1, 1)
    world.later(minutes=1)
    delivery.run()
    assert (len(calls), world.count(OutboxMessage, OutboxMessage.attempts == 0)) == (2, 0)


def test_a_domain_that_is_busy_rests_and_the_others_go_on(world: World) -> None:  # M11
    script = Scripted(only=SLOW)
    script.faults["RCPT"] = [b"421 4.3.2 closing\r\n"]
    for n in range(6):
        letter(world, f"letter {n}", f"chief{n}@{SLOW}")
    letter(world, "other", "chief@a.example")
    with scripted(script) as port:
        transport = smtp(world, f"smtp://127.0.0.1:{port}", 3)
        transport.lanes = 1
        delivery = Delivery(world.db, world.settings, transport)
        assert delivery.run() == 1
        assert [to for _, to, _ in script.kept] == ["chief@a.example"]
        assert world.count(OutboxMessage, OutboxMessage.attempts == 0) == 5  # those that rest were not tried
        world.later(minutes=1)
        assert delivery.run() == 5
        world.later(minutes=30)
        assert delivery.run() == 1


def test_one_domain_gets_its_share_a_minute_and_two_at_once(world: World) -> None:  # M11
    script = Scripted()
    for n in range(8):
        letter(world, f"letter {n}", f"chief{n}@{SLOW}")
    letter(world, "other", "chief@a.example")
    with scripted(script) as port:
        transport = smtp(world, f"smtp://127.0.0.1:{port}", 3)
        delivery = Delivery(world.db, world.settings, transport, Pace(at_once=2, a_minute=3))
        sent = [delivery.run()]
        while world.count(OutboxMessage, OutboxMessage.state == MailState.QUEUED):
            world.later(seconds=20)
            sent.append(delivery.run())
            assert len(sent) < 12
    assert sent[:2] == [4, 1], "three and the other one, then one each 20 seconds"
    assert max(sent[1:]) == 1
    assert world.count(OutboxMessage, OutboxMessage.attempts != 1) == 0


def test_a_slow_server_never_makes_a_second_worker_send_the_same(world: World) -> None:  # L12 M11
    script = Scripted()
    script.faults["DOT"] = [Hangs]
    letter(world)
    with scripted(script) as port:
        slow = Delivery(world.db, world.settings, smtp(world, f"smtp://127.0.0.1:{port}", 30))
        worker = threading.Thread(target=slow.run)
        worker.start()
        try:
            _wait_until(lambda: not script.faults["DOT"])  # the message is there, and the server says nothing
            for _ in range(4):
                world.later(minutes=2)
                _wait_until(lambda: _leased_until(world) > world.now + dt.timedelta(minutes=4))
                assert outbox.claim(world.db, "another worker") == []
        finally:
            script.over.set()
            worker.join(30)
    assert (_state(world)["one"], script.kept) == (MailState.QUEUED, [])


def _leased_until(world: World) -> Any:
    return world.one(select(OutboxMessage.leased_until))[0]


def _wait_until(look: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "waited in vain"
        _tick.wait(0.02)
