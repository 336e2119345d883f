"""Where messages go without a server, whole into files; and how SMTP_URL names one."""

from __future__ import annotations

import pytest

from app.core.config import ConfigError
from app.mail import outbox
from app.mail.delivery import Delivery
from app.mail.models import MailState
from app.mail.transports import FileTransport, Server, server_of
from tests.mail.helpers import mails
from tests.mail.test_delivery import letter, row
from tests.world import World


def test_without_a_server_whole_files_are_written_in_the_order_of_time(world: World) -> None:
    for n in range(3):
        letter(world, f"letter {n}", what=f"Number {n}.")
        world.later(seconds=1)
    folder = world.folder / "data" / "mail"
    assert Delivery(world.db, world.settings).run() == 3
    assert [f"Number {n}." in mails(world, kind="account")[n].as_string() for n in range(3)] == [True] * 3
    assert sorted(p.suffix for p in folder.iterdir()) == [".eml"] * 3
    assert (folder.stat().st_mode & 0o777, {p.stat().st_mode & 0o777 for p in folder.iterdir()}) == (0o700, {0o600})


def test_the_same_message_twice_is_one_file(world: World) -> None:
    letter(world)
    [held] = outbox.claim(world.db, "one")
    transport = FileTransport(world.folder / "data" / "mail")
    transport.send(held, bytes(held.raw))
    transport.send(held, bytes(held.raw))
    assert len(mails(world, kind="account")) == 1


def test_a_folder_that_can_not_be_written_waits(world: World) -> None:
    letter(world)
    (world.folder / "data").mkdir(exist_ok=True)
    (world.folder / "data" / "mail").write_text("a file where the folder should be")
    assert Delivery(world.db, world.settings).run() == 0
    assert (row(world).state, row(world).attempts) == (MailState.QUEUED, 1)


def test_the_forms_of_smtp_url() -> None:
    assert server_of("smtp://localhost") == Server("localhost", 25, "none")
    assert server_of("smtp://u%40x:p%3Aw@mx.example:2525?tls=starttls") == Server("mx.example", 2525, "starttls", "u@x", "p:w")
    assert server_of("smtp://mx.example?tls=starttls").port == 587
    assert server_of("smtps://mx.example") == Server("mx.example", 465, "smtps")


@pytest.mark.parametrize(
    "url", ["mx.example", "http://mx.example", "smtp://", "smtp://mx.example:99999", "smtp://mx.example?tls=maybe", "smtp://x?a=1"]
)
def test_another_form_is_one_clear_line(url: str) -> None:
    with pytest.raises(ConfigError, match="SQUADROOM_SMTP_URL"):
        server_of(url)
