"""A clamd on a socket of this machine that takes INSTREAM as the real one does, and answers as the test says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Daemon:
    """`says` instead of what it found; "" hangs up without an answer."""

    says: bytes | None = None
    got: list[bytes] = field(default_factory=list)

    def talk(self, sock: socket.socket) -> None:
        file = sock.makefile("rb")
        with file:
            assert file.read(10) == b"zINSTREAM\0"
            data = b""
            while length := int.from_bytes(file.read(4), "big"):
                data += file.read(length)
            self.got.append(data)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
        sock.sendall(found if self.says is None else self.says)


@contextmanager
def daemon(script: Daemon) -> Iterator[str]:
    """Its address, as CLAMD has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    with sock, contextlib.suppress(OSError):
                        script.talk(sock)

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(5)
