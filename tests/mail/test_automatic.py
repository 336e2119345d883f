"""Mail that machines write, as their programs write it: none is posted, none is answered, and none is told from a person's by its subject
alone where a person may write the same."""

from __future__ import annotations

from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from app.forum.models import Forum, Reply, Thread
from app.mail.inbound.envelope import Answer
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.models import OutboxMessage
from tests.forum.steps import open_thread
from tests.mail.helpers import change
from tests.mail.letters import answer_address, bring, letter, notices, proof
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

CORPUS = sorted((Path(__file__).parent / "automatic").glob("*.eml"))
ME = CAST["sheriff"].email


def as_it_comes(path: Path, to: str) -> tuple[bytes, str]:
    """A message of the corpus from the sheriff, vouched for and to the right address, and its envelope's sender: only a machine's."""
    raw = path.read_bytes().replace(b"{me}", ME.encode()).replace(b"{to}", to.encode())
    sender = str(BytesHeaderParser().parsebytes(raw)["Return-Path"]).strip("<>")
    return f"Authentication-Results: {proof(ME)}\n".encode() + raw, sender


def test_no_machine_posts_and_none_is_answered(world: World) -> None:  # M8
    assert len(CORPUS) >= 60
    subscribe(world, "sheriff")
    thread = open_thread(world, "chief", title="Osprey drill")
    work(world)
    to = answer_address(world, "sheriff")
    change(world, Forum, Forum.slug == "patrol", mail_threads=True)
    queued = world.count(OutboxMessage)
    for path in CORPUS:
        for address in (to, "forum+patrol@localhost"):
            assert bring(world, *_first(as_it_comes(path, address), address)) is Answer.TAKEN, path.name
        world.later(minutes=4)  # of one address so many are kept in an hour
    dropped = world.count(InboundMessage, InboundMessage.state == InboundState.DROPPED)
    work(world, minutes=20)
    assert (world.count(Reply), world.count(Thread), world.count(OutboxMessage)) == (1, 1, queued)
    assert dropped == 2 * len(CORPUS)
    assert notices(world, "sheriff") == []
    assert bring(world, letter("sheriff", to, "A person."), to, ME) is Answer.TAKEN
    assert world.count(Reply, Reply.thread_id == thread) == 2


def _first(message: tuple[bytes, str], to: str) -> tuple[bytes, str, str]:
    return message[0], to, message[1]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "subject",
    ["Vacation carry-over: how do you count it?", "Out of office hours coverage", "Automatic license plate readers", "Auto theft unit",
     "Undeliverable warrants", "Re: Vacation reply cars", "Automatic replies at the front desk?",
     "Auto-reply texts after 911 calls", "AUTO: who has a theft task force?"],
)  # fmt: skip
def test_a_person_s_subject_is_not_a_machine_s(world: World, subject: str) -> None:
    to = "forum+patrol@localhost"
    change(world, Forum, Forum.slug == "patrol", mail_threads=True)
    assert bring(world, letter("sheriff", to, "How do you do it?", Subject=subject), to, ME) is Answer.TAKEN
    assert world.count(InboundMessage, InboundMessage.state == InboundState.HELD) == 1
