"""LMTP_LISTEN: a mail server in front hands messages over here, one recipient at a time, and hears of each whether it was taken."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller, UnixSocketController
from aiosmtpd.lmtp import LMTP

from app.core.config import ConfigError, Settings
from app.core.db import Database
from app.mail.inbound.accept import accept, would_take
from app.mail.inbound.envelope import MOST_BYTES, Answer, Envelope

_SAID = {
    Answer.TAKEN: "250 2.0.0 taken",
    Answer.NO_SUCH_ADDRESS: "550 5.1.1 no such address here",
    Answer.TRY_LATER: "451 4.3.0 try again later",
    Answer.REFUSED: "250 2.0.0 kept, not posted",  # a refusal would make the server in front write to whoever a forger named
}
SILENCE = 300  # seconds that a client may say nothing


class _Handler:
    """One transaction has one recipient: a server that offers more is told to bring the others by themselves."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        said = await asyncio.to_thread(would_take, self._db, self._settings, address)
        if said is not Answer.TAKEN:
            return _SAID[said]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if envelope.smtp_utf8:
            return "550 5.6.7 addresses are ASCII here"
        one = Envelope(envelope.mail_from or "", envelope.rcpt_tos[0], bytes(envelope.content))
        return _SAID[await asyncio.to_thread(accept, self._db, self._settings, one)]


def _made(handler: _Handler) -> LMTP:
    return LMTP(handler, data_size_limit=MOST_BYTES, timeout=SILENCE, hostname="squadroom", ident="LMTP")


@contextmanager
def listening(db: Database, settings: Settings) -> Iterator[None]:
    """Within the block messages are taken at LMTP_LISTEN, HOST:PORT or a socket's path; where it is not set nothing listens."""
    if not settings.lmtp_listen:
        yield
        return
    controller = _controller(_Handler(db, settings), settings.lmtp_listen)
    try:
        controller.start()
    except OSError as error:
        raise ConfigError(f"SQUADROOM_LMTP_LISTEN: {error.strerror or error}") from None
    try:
        yield
    finally:
        controller.stop()


def _controller(handler: _Handler, listen: str) -> Any:
    if "/" in listen:
        path = Path(listen)
        if path.is_socket() and not _answers(path):
            path.unlink()  # of a process that was killed

        class OnSocket(UnixSocketController):
            def factory(self) -> LMTP:
                return _made(handler)

        return OnSocket(handler, unix_socket=str(path))
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError("SQUADROOM_LMTP_LISTEN: must be HOST:PORT or the path of a socket")

    class OnPort(Controller):
        def factory(self) -> LMTP:
            return _made(handler)

    return OnPort(handler, hostname=host.strip("[]"), port=int(port))


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
