"""Through a real mail server: Squadroom hands its mail to Postfix, which relays it on."""

from __future__ import annotations

import threading
import time

import pytest

from app.mail import envelope
from app.mail.delivery import Delivery
from app.mail.digest.run import queue_digests
from app.mail.models import MailState, OutboxMessage
from tests.mail.helpers import SLOT, parsed, text, thread
from tests.mail.postfix import start_postfix
from tests.mail.sink import mail_server
from tests.mail.test_delivery import letter, smtp
from tests.world import World

pytestmark = pytest.mark.postfix
_tick = threading.Event()


def test_what_we_send_goes_through_postfix_as_it_is(world: World) -> None:  # M5 M10 M11
    thread(world, "Über alles: a lesson", body="First.\n\n.\n\nA line with a dot alone above.\n\n" + "x" * 1200)
    queue_digests(world.db, world.settings, SLOT)
    for n in range(20):
        letter(world, f"letter {n}", f"chief{n}@agency{n % 3}.example")
    world.now = SLOT
    with mail_server() as (script, url), start_postfix(relay_to=("127.0.0.1", int(url.rpartition(":")[2]))) as postfix:
        sent = Delivery(world.db, world.settings, smtp(world, f"smtp://127.0.0.1:{postfix.port}", 30)).run()
        assert sent == world.count(OutboxMessage, OutboxMessage.state == MailState.SENT) > 23
        until = time.monotonic() + 60
        while len(script.kept) < sent and time.monotonic() < until:
            _tick.wait(0.1)
        log = postfix.log
    assert len(script.kept) == sent, log[-3000:]
    assert len({parsed(raw)["Message-ID"] for _, _, raw in script.kept}) == sent
    for sender, to, raw in script.kept:
        local, _, domain = sender.partition("@")
        assert envelope.outbox_id(world.platform.signer, local) is not None
        assert (domain, parsed(raw)["To"]) == ("localhost", to)
    digests = [parsed(raw) for _, _, raw in script.kept if b"X-Squadroom-Kind: digest" in raw]
    assert digests
    assert all("Über alles: a lesson" in text(message) for message in digests)
