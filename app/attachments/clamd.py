"""ClamAV's daemon, asked by INSTREAM over its socket: the file goes there in pieces, and one line comes back."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from app.core.config import ConfigError, Settings
from app.core.ports.scanner import Scanner, ScannerDown

CONNECTS_WITHIN, ANSWERS_WITHIN = 5.0, 120.0  # seconds
_LONGEST = 4096  # bytes of an answer


class Clamd:
    def __init__(self, address: str | tuple[str, int]) -> None:
        self._address = address

    def scan(self, pieces: Iterable[bytes]) -> str:
        try:
            with self._connected() as sock:
                answer = _asked(sock, pieces)
        except OSError as error:
            raise ScannerDown(f"clamd: {error}") from None
        if answer == "stream: OK":
            return ""
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerDown(f"clamd answered {answer[:200]!r}")

    def _connected(self) -> socket.socket:
        if isinstance(self._address, tuple):
            sock = socket.create_connection(self._address, CONNECTS_WITHIN)
        else:
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(CONNECTS_WITHIN)
            try:
                sock.connect(self._address)
            except OSError:
                sock.close()
                raise
        sock.settimeout(ANSWERS_WITHIN)
        return sock


def _asked(sock: socket.socket, pieces: Iterable[bytes]) -> str:
    sock.sendall(b"zINSTREAM\0")
    for piece in pieces:
        sock.sendall(len(piece).to_bytes(4, "big") + piece)
    sock.sendall(bytes(4))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST and (more := sock.recv(_LONGEST)):
        answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def scanner_of(settings: Settings) -> Scanner | None:
    """The scanner that CLAMD names; None: files are not scanned."""
    if not settings.clamd:
        return None
    if settings.clamd.startswith("unix:/"):
        return Clamd(settings.clamd.removeprefix("unix:"))
    parts = urlsplit(settings.clamd)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return Clamd((parts.hostname, parts.port))
    raise ConfigError("SQUADROOM_CLAMD: must be unix:/PATH or tcp://HOST:PORT")
