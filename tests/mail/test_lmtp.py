"""A real LMTP conversation over a socket: each recipient hears whether the message was taken."""

from __future__ import annotations

import smtplib
import socket

import pytest

from app.mail.inbound import lmtp
from tests.forum.steps import open_thread
from tests.mail.letters import answer_address, letter, replies
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.mark.parametrize("kind", ["port", "socket"])
def test_a_server_in_front_hands_over_and_is_answered(world: World, kind: str) -> None:
    subscribe(world, "sheriff")
    thread = open_thread(world, "chief")
    work(world)
    to, me = answer_address(world, "sheriff"), CAST["sheriff"].email
    listen = f"127.0.0.1:{_free_port()}" if kind == "port" else str(world.folder / "lmtp")
    settings = world.settings.model_copy(update={"lmtp_listen": listen})
    with lmtp.listening(world.db, settings):
        host, _, port = listen.rpartition(":")
        client = smtplib.LMTP(host, int(port)) if kind == "port" else smtplib.LMTP(listen)
        with client:
            assert client.sendmail(me, [to], letter("sheriff", to, "Over a socket.").as_bytes()) == {}
            for wrong, code in ((to.replace("localhost", "elsewhere.example"), 550), ("reply+unknown@localhost", 550)):
                with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:  # before a message is brought that would bounce
                    client.sendmail(me, [wrong], letter("sheriff", wrong, "smuggled").as_bytes())
                assert str(code) in str(refused.value)
            refused_later = client.sendmail(me, [to, "reply+unknown@localhost"], letter("sheriff", to, "Two at once.").as_bytes())
            assert refused_later["reply+unknown@localhost"][0] == 452  # brought by itself
            # Kept, and its sender told on the site: a refusal would make the server in front write to whoever the envelope names.
            unproven = letter("sheriff", to, "smuggled", Authentication_Results=None).as_bytes()
            assert client.sendmail("somebody@elsewhere.example", [to], unproven) == {}
            for forum in ("patrol", "nowhere"):  # which there are is told to nobody outside
                assert client.sendmail("somebody@elsewhere.example", [f"forum+{forum}@localhost"], unproven) == {}
    assert [r["body"] for r in replies(world, thread)[1:]] == ["Over a socket.", "Two at once."]
