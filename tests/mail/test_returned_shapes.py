"""Reports as the mail servers of the world write them: what each makes of the address that it is about."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete

from app.mail.health.models import AddressHealth
from app.mail.health.reports import bounded, read
from app.mail.inbound.envelope import Answer
from app.mail.inbound.parsing import parse
from tests.mail.letters import bring
from tests.mail.test_returned import WHO, back, state
from tests.world import World

CORPUS = sorted((Path(__file__).parent / "returned").glob("*.eml"))
"""Each file's name begins with the state that the address is in afterwards."""

__all__ = ["back"]


def test_each_server_s_report_is_understood(world: World, back: str) -> None:  # M10
    assert len(CORPUS) >= 40
    wrong = {}
    for path in CORPUS:
        with world.db.write() as session:
            session.execute(delete(AddressHealth))
        raw = path.read_bytes().replace(b"{me}", WHO.encode()).replace(b"{back}", back.encode())
        assert bring(world, raw, back, "") is Answer.TAKEN, path.name
        if state(world) != path.name.partition("-")[0]:
            wrong[path.name] = state(world)
    assert wrong == {}


def test_none_is_believed_without_the_signed_address(world: World, back: str) -> None:  # M10
    for path in CORPUS:
        raw = path.read_bytes().replace(b"{me}", WHO.encode()).replace(b"{back}", back.encode())
        assert bring(world, raw, "bounce+forged@localhost", "") is Answer.NO_SUCH_ADDRESS
    assert state(world) == "well"


def test_a_report_that_goes_on_for_ever_is_read_as_far_as_it_says_what_failed() -> None:  # M16
    for path in CORPUS:
        raw = path.read_bytes()
        endless = bounded(raw + b"\n" * 200_000 + b"x" * 5_000_000)
        assert len(endless.splitlines()) <= 3000
        assert read(parse(endless)) == read(parse(raw)), path.name
