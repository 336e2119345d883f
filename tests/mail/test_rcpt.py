"""What a mail server is told of an address over the socket: the very address that is stored, and one recipient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from sqlalchemy import select

from app.core.email import normalise
from app.mail.delivery import Delivery
from app.mail.models import OutboxMessage
from app.mail.sending.smtp import Envelope, SmtpConnection
from app.mail.transports import Server
from app.membership.models import Application
from tests.core.addresses import CVE_2023_27043, OTHERS, anything, likely, spoilt
from tests.mail.helpers import parsed
from tests.mail.scripted import Scripted, scripted
from tests.mail.sink import Script, mail_server
from tests.mail.test_delivery import smtp
from tests.membership.cases import apply
from tests.world import World

RAW = b"Subject: x\r\n\r\nx\r\n"
ODD = {
    "r.O'Neil+Digest@PD.example": "r.o'neil+digest@pd.example",
    "a!b%c=d@pd.example": "a!b%c=d@pd.example",
    "{x}|`y`#z$&*/?^_~-@pd.example": "{x}|`y`#z$&*/?^_~-@pd.example",
    "chief@Bürgermeister.example": "chief@xn--brgermeister-dlb.example",
    "c" * 64 + "@" + "long-" * 10 + "town.example": "c" * 64 + "@" + "long-" * 10 + "town.example",
}


@pytest.fixture(scope="module")
def parsing() -> Iterator[tuple[Script, SmtpConnection]]:
    """A conversation with a server that parses what it is told, as servers do."""
    with mail_server() as (script, url), _open(int(url.rpartition(":")[2])) as connection:
        yield script, connection


@pytest.fixture(scope="module")
def noting() -> Iterator[tuple[Scripted, SmtpConnection]]:
    """A conversation with a server that notes each line as it comes."""
    script = Scripted()
    with scripted(script) as port, _open(port) as connection:
        yield script, connection


@contextmanager
def _open(port: int) -> Iterator[SmtpConnection]:
    connection = SmtpConnection(Server("127.0.0.1", port, "none"), Envelope(lambda _: "bounce@localhost"))
    yield connection
    connection.close()


def _sent(connection: SmtpConnection, recipient: str) -> None:
    connection.open()
    connection.send(SimpleNamespace(id=1, recipient=recipient), RAW)  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(text=likely | spoilt | anything)
def test_a_server_is_told_the_stored_address_to_the_byte_and_reads_no_other(
    parsing: tuple[Script, SmtpConnection], noting: tuple[Scripted, SmtpConnection], text: str
) -> None:  # V6
    try:
        stored = normalise(text)
    except ValueError:
        return
    _sent(noting[1], stored)
    assert [line for line in noting[0].told if line.startswith(b"RCPT")] == [b"RCPT TO:<%s>\r\n" % stored.encode("ascii")]
    noting[0].told.clear()
    _sent(parsing[1], stored)
    assert parsing[0].kept == [("bounce@localhost", stored, RAW)]
    parsing[0].kept.clear()


@pytest.mark.parametrize("typed", ODD)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the row is text on either
def test_an_odd_address_is_the_same_in_the_row_the_envelope_and_the_header(world: World, typed: str) -> None:  # V6
    assert apply(world, email=typed).status_code == 200
    assert world.one(select(Application.email)).email == ODD[typed]
    script = Scripted()
    with scripted(script) as port:
        assert Delivery(world.db, world.settings, smtp(world, f"smtp://127.0.0.1:{port}")).run() == 1
    assert [line for line in script.told if line.startswith(b"RCPT")] == [b"RCPT TO:<%s>\r\n" % ODD[typed].encode()]
    [(_, to, raw)] = script.kept
    assert (to, parsed(raw)["To"]) == (ODD[typed], ODD[typed])


@pytest.mark.parametrize("address", [*CVE_2023_27043, *OTHERS])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # nothing reaches the database
def test_what_fooled_other_parsers_never_reaches_a_server(world: World, address: str) -> None:  # V6
    answer = apply(world, email=address)
    assert (answer.status_code, 'id="email-error"' in answer.text) == (422, True)
    assert 'value="Chief Adele Norgaard"' in answer.text, "what else was typed comes back"
    assert (world.count(OutboxMessage), world.count(Application)) == (0, 0)
