"""Through a real mail server: what members answer comes in by Postfix, which hands it over by LMTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.mail.inbound import lmtp
from tests.commands.squadroom import free_port
from tests.forum.steps import open_thread
from tests.mail.letters import SERVER, answer_address, letter, notices, replies
from tests.mail.postfix import Postfix, start_postfix
from tests.mail.sink import Script, mail_server
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

pytestmark = pytest.mark.postfix
_tick = threading.Event()


@contextmanager
def in_front(world: World, heading: str) -> Iterator[tuple[Postfix, Script]]:
    """A Postfix that puts `heading` on top of what comes in and hands it over by LMTP; what it sends out is kept by the script."""
    listen = f"127.0.0.1:{free_port()}"
    settings = world.settings.model_copy(update={"lmtp_listen": listen})
    with mail_server() as (script, url), lmtp.listening(world.db, settings):
        relay = ("127.0.0.1", int(url.rpartition(":")[2]))
        with start_postfix(relay_to=relay, lmtp=listen, reply_domain="localhost", heading=heading) as postfix:
            yield postfix, script


def test_an_answer_through_postfix_becomes_a_post(world: World) -> None:  # M7
    subscribe(world, "sheriff")
    thread = open_thread(world, "chief")
    work(world)
    to, me = answer_address(world, "sheriff"), CAST["sheriff"].email
    domain = me.split("@")[1]
    heading = f"Authentication-Results: {SERVER}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
    with in_front(world, heading) as (postfix, script):
        # Postfix alone vouches for the sender: what the letter itself claims is of no use to it.
        postfix.send(
            letter("sheriff", to, "Through a real server.\n\n.\n\nWith a dot alone.", Authentication_Results=None).as_bytes(), me, to
        )
        wrong = "reply+unknown@localhost"
        postfix.send(letter("sheriff", wrong, "To nobody.", Authentication_Results=None).as_bytes(), me, wrong)
        until = time.monotonic() + 60
        while not (len(replies(world, thread)) > 1 and script.kept) and time.monotonic() < until:
            _tick.wait(0.2)
        log = postfix.log
    assert [r["body"] for r in replies(world, thread)[1:]] == ["Through a real server.\n\n.\n\nWith a dot alone."], log[-3000:]
    bounces = [raw for _, back, raw in script.kept if back == me]
    assert len(bounces) == 1, log[-3000:]  # by the server that was given the letter; Squadroom itself wrote to nobody
    assert b"550" in bounces[0]


def test_a_letter_that_postfix_does_not_vouch_for_is_kept_and_nobody_is_written_to(world: World) -> None:  # M7 M8
    subscribe(world, "sheriff")
    thread = open_thread(world, "chief")
    work(world)
    to, me = answer_address(world, "sheriff"), CAST["sheriff"].email
    heading = f"Authentication-Results: {SERVER}; dmarc=fail header.from={me.split('@')[1]}; dkim=none"
    with in_front(world, heading) as (postfix, script):
        postfix.send(letter("sheriff", to, "smuggled").as_bytes(), me, to)  # its own words claim that all is well
        until = time.monotonic() + 60
        while not notices(world, "sheriff") and time.monotonic() < until:
            _tick.wait(0.2)
        wrong = "reply+unknown@localhost"  # a bounce that is due shows that one would have come by now
        postfix.send(letter("sheriff", wrong, "To nobody.").as_bytes(), me, wrong)
        while not script.kept and time.monotonic() < until:
            _tick.wait(0.2)
        log = postfix.log
    assert "did not prove" in notices(world, "sheriff")[0], log[-3000:]
    [(_, _, bounce)] = script.kept
    assert b"5.1.1" in bounce, log[-3000:]
    assert len(replies(world, thread)) == 1
