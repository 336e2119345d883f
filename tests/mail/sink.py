"""A mail server on a socket of this machine, which fails when told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Script:
    """What the server took, and what it is to say: `faults[verb]` holds answers, each used once; None hangs up, and a number is
    how long it stays silent. The verb DOT is the moment after the whole message, DONE the one after it was kept."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, bytes]] = []
        self.offered: list[bytes] = []
        self.sessions = 0
        self.faults: dict[str, list[str | float | None]] = {}

    async def _say(self, server: SMTP, verb: str, otherwise: str) -> str:
        if not self.faults.get(verb):
            return otherwise
        fault = self.faults[verb].pop(0)
        if isinstance(fault, float):
            await asyncio.sleep(fault)
            return otherwise
        if fault is None:
            server.transport.close()
            return "421 gone"
        return fault

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        self.sessions += 1
        answer = await self._say(server, "EHLO", "")
        return [answer] if answer else responses

    async def handle_HELO(self, server: SMTP, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        return await self._say(server, "EHLO", "250 sink")

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return await self._say(server, "MAIL", "250 ok")

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = await self._say(server, "RCPT", "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.offered.append(envelope.content)
        answer = await self._say(server, "DOT", "250 kept")
        if answer.startswith("250"):
            self.kept.append((envelope.mail_from, *envelope.rcpt_tos, envelope.content))
            return await self._say(server, "DONE", answer)
        return answer


@contextmanager
def mail_server() -> Iterator[tuple[Script, str]]:
    """The script, and the server's SMTP_URL."""
    script = Script()
    controller = Controller(script, hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        yield script, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
