"""A mail server on a socket of this machine that says, at each step, exactly what it is told to: also what no server should."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STEPS = ("GREETING", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "DOT")


class Hangs:
    """The server says nothing until the test is over."""


class Drops:
    """The server hangs up; after it has kept the message, if `kept`."""

    def __init__(self, kept: bool = False) -> None:
        self.kept = kept


class Drips:
    """A letter now and then, and never a whole line."""


Fault = bytes | type[Hangs] | Drops | type[Drips]


@dataclass
class Scripted:
    """`faults[step]` are used up one by one. A fault may be for one domain's recipients alone (`only`, at RCPT and after it)."""

    tls: ssl.SSLContext | None = None  # offered by STARTTLS; at once if `tls_first`
    tls_first: bool = False
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    only: str = ""
    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)  # each command, as it came
    sessions: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, step: str, recipient: str) -> Fault | None:
        with self._lock:
            if not self.faults[step] or (self.only and not recipient.endswith(self.only)):
                return None
            return self.faults[step].pop(0)


class _Session:
    def __init__(self, script: Scripted, sock: socket.socket) -> None:
        self.script, self.sock = script, sock
        self.file = sock.makefile("rb")
        self.sender = self.recipient = ""

    def talk(self) -> None:
        if self.script.tls_first:
            self._secure()
        self._say("GREETING", b"220 scripted\r\n")
        while line := self.file.readline(2000):
            self.script.told.append(line)
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            if verb.upper() == "QUIT":
                self.sock.sendall(b"221 bye\r\n")
                return
            self._answer(verb.upper(), rest)

    def _answer(self, verb: str, rest: str) -> None:
        if verb in ("EHLO", "HELO"):
            self._say(
                "EHLO", b"250-scripted\r\n250-SIZE 9000000\r\n" + (b"250-STARTTLS\r\n" if self.script.tls else b"") + b"250 8BITMIME\r\n"
            )
        elif verb == "STARTTLS":
            self._say("STARTTLS", b"220 go on\r\n")
            self._secure()
        elif verb == "MAIL":
            self.sender, self.recipient = rest[6:].split(">", maxsplit=1)[0], ""
            self._say("MAIL", b"250 ok\r\n")
        elif verb == "RCPT":
            self.recipient = rest[4:].split(">", maxsplit=1)[0]
            self._say("RCPT", b"250 ok\r\n")
        elif verb == "DATA":
            if self._say("DATA", b"354 go on\r\n"):
                self._message()
        else:
            self.sock.sendall(b"250 ok\r\n" if verb in ("RSET", "NOOP") else b"502 what?\r\n")

    def _message(self) -> None:
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        whole = (self.sender, self.recipient.strip("<>"), b"".join(lines))
        self._say("DOT", b"250 kept\r\n", whole)

    def _say(self, step: str, answer: bytes, whole: tuple[str, str, bytes] | None = None) -> bool:
        """Whether it was the good answer."""
        fault = self.script.fault(step, self.recipient)
        if whole is not None and (fault is None or (isinstance(fault, Drops) and fault.kept)):
            self.script.kept.append(whole)
        if fault is None:
            self.sock.sendall(answer)
            return True
        if isinstance(fault, bytes):
            self.sock.sendall(fault)
            return False
        if fault is Drips:
            while not self.script.over.wait(0.05):
                self.sock.sendall(b"2")
        if fault is Hangs:
            self.script.over.wait(30)
        raise ConnectionError

    def _secure(self) -> None:
        assert self.script.tls is not None
        if self.script.fault("TLS", "") is Hangs:
            self.script.over.wait(30)
            raise ConnectionError
        self.sock = self.script.tls.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")


@contextmanager
def scripted(script: Scripted) -> Iterator[int]:
    """The port on which the server listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def serve(sock: socket.socket) -> None:
            with sock, contextlib.suppress(OSError, ValueError):
                session = _Session(script, sock)
                try:
                    session.talk()
                finally:
                    session.file.close()
                    session.sock.close()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    script.sessions += 1
                    threads.append(threading.Thread(target=serve, args=(sock,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            script.over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(5)
            for thread in threads:
                thread.join(5)
