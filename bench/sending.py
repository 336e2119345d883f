"""From the outbox to a mail server: how many messages a second one worker sends, and that each came once.

Two steps (`bench.steps`). The mail server is a process of its own, too: it takes everything and counts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import func, select

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.mail import envelope, outbox, transports
from app.mail.delivery import Delivery
from app.mail.message import message_bytes, quoted
from app.mail.models import MailState, OutboxMessage
from app.mail.sending.smtp import Envelope, SmtpTransport
from app.mail.transports import Server
from bench.steps import take

DOMAINS = 400  # agencies
SIZE = 18_000  # bytes, as a digest has


class Sink(asyncio.Protocol):
    """Just enough of a mail server."""

    messages, sessions = 0, 0

    def connection_made(self, transport: Any) -> None:
        Sink.sessions += 1
        self._transport, self._held, self._in_message = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._held += data
        while True:
            end = self._held.find(b"\r\n.\r\n") if self._in_message else self._held.find(b"\r\n")
            if end < 0:
                return
            line, self._held = self._held[:end], self._held[end + (5 if self._in_message else 2) :]
            self._transport.write(self._answer(line[:4].upper()))

    def _answer(self, verb: bytes) -> bytes:
        if self._in_message:
            Sink.messages += 1
            self._in_message = False
            return b"250 kept\r\n"
        self._in_message = verb == b"DATA"
        return b"354 go on\r\n" if self._in_message else b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


def serve(pipe: Connection) -> None:
    """The sink's process: says its port, and at the end what it took."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        pipe.send((Sink.messages, Sink.sessions))
        server.close()

    asyncio.run(main())


def prepare(db: Database, settings: Settings, count: int) -> None:
    """Messages to as many people, at addresses of 400 agencies."""
    now, signer, chance = clock.now() - dt.timedelta(minutes=1), Signer(settings.keys), random.Random(1)
    words = ["radio", "bridge", "patrol", "lesson", "county", "évidence", "shift", "report"]
    text = " ".join(chance.choice(words) for _ in range(SIZE // 14))
    for first in range(0, count, 1000):
        rows = [_row(settings, signer, n, text, now) for n in range(first, min(first + 1000, count))]
        with db.write() as session:
            outbox.put(session, rows)


def _row(settings: Settings, signer: Signer, n: int, text: str, now: dt.datetime) -> dict[str, Any]:
    to, key = f"member{n}@agency{n % DOMAINS}.example", f"bench:{n}"
    ident = outbox.message_id(signer, settings.mail_domain, to, key)
    headers = outbox.standing_headers(settings, "Bench", ("bench", to, "A message"), ident)
    raw = message_bytes(headers, quoted(f"{n} {text}"), quoted(f"<p>{text}</p>"), now)
    return {**outbox.row_of("bench", to, key, ident, now), "raw": raw}


def run(db: Database, settings: Settings) -> dict[str, Any]:
    ours, theirs = multiprocessing.Pipe()
    sink = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    sink.start()
    signer = Signer(settings.keys)
    out = Envelope(lambda n: envelope.sender(signer, n, settings.mail_domain), transports.dkim_of(settings) or bytes)
    transport = SmtpTransport(Server("127.0.0.1", ours.recv(), "none"), out)
    began, worked = time.perf_counter(), time.process_time()
    sent = Delivery(db, settings, transport).run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    ours.send("enough")
    messages, sessions = ours.recv()
    sink.join()
    with db.read() as conn:
        left = conn.execute(select(func.count()).where(OutboxMessage.state != MailState.SENT)).scalar_one()
    return {
        "sent": sent, "taken": messages, "left": left, "connections": sessions, "seconds": round(seconds, 2),
        "a_second": round(sent / seconds), "cpu_ms": round(cpu / max(sent, 1) * 1000, 3),
    }  # fmt: skip


if __name__ == "__main__":
    take(prepare, run, 5000)
