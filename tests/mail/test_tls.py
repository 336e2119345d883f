"""To a real TLS server, at once or after STARTTLS: nothing is said to one that isn't who it should be."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.mail.delivery import Delivery
from app.mail.models import MailState, OutboxMessage
from tests.mail.certificates import authority
from tests.mail.scripted import Fault, Hangs, Scripted, scripted
from tests.mail.test_delivery import letter, smtp
from tests.world import World

FORMS = {"smtps": "smtps://localhost:{}", "starttls": "smtp://localhost:{}?tls=starttls"}


def _send(world: World, script: Scripted, form: str, seconds: float = 5) -> tuple[str, str]:
    """The message's state after one try, and what was said."""
    script.tls_first = form == "smtps"
    letter(world)
    with scripted(script) as port:
        Delivery(world.db, world.settings, smtp(world, FORMS[form].format(port), seconds)).run()
    row = world.one(select(OutboxMessage.state, OutboxMessage.error))
    return row.state, row.error


@pytest.mark.parametrize("form", list(FORMS))
def test_a_server_with_a_good_certificate_is_talked_to(
    world: World, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # M11
    known = authority(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(known.file))
    script = Scripted(tls=known.server)
    assert _send(world, script, form) == (MailState.SENT, "")
    assert len(script.kept) == 1


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_one_that_is_not_who_it_should_be_gets_nothing(
    world: World, form: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = authority(tmp_path / "shown", "localhost" if wrong == "authority" else "elsewhere.example")
    known = authority(tmp_path / "known") if wrong == "authority" else shown
    monkeypatch.setenv("SSL_CERT_FILE", str(known.file))
    script = Scripted(tls=shown.server)
    state, said = _send(world, script, form)
    assert (state, script.kept) == (MailState.QUEUED, [])
    assert "certificate verify failed" in said


@pytest.mark.parametrize(
    ("fault", "offered"),
    [(b"454 4.7.0 not now\r\n", True), (b"\x16\x03\x01 what\r\n", True), (b"220 yes", True), (Hangs, True), (b"", False)],
    ids=["refused", "garbage", "half a line", "silence", "not offered"],
)
def test_without_starttls_nothing_goes_in_the_clear(
    world: World, fault: Fault, offered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # L7
    known = authority(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(known.file))
    script = Scripted(tls=known.server if offered else None)
    script.faults["STARTTLS"] = [fault]
    state, said = _send(world, script, "starttls", 0.5)
    assert (state, script.kept) == (MailState.QUEUED, [])
    assert said
    script.faults.clear()
    world.later(minutes=30)
    if offered:
        assert _send(world, Scripted(tls=known.server), "starttls")[0] == MailState.SENT


@pytest.mark.parametrize("form", list(FORMS))
def test_a_handshake_that_never_ends_is_ended(world: World, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # L7
    known = authority(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(known.file))
    script = Scripted(tls=known.server)
    script.faults["TLS"] = [Hangs]
    state, said = _send(world, script, form, 0.5)
    assert (state, script.kept) == (MailState.QUEUED, [])
    assert "no answer" in said
