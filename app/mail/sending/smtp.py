"""One conversation with the mail server, for as many messages as there are. Each step has its time, after RFC 5321 4.5.3.2."""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.mail.outbox import Claimed
from app.mail.transports import NotNow, Refused, Server, Unreachable, recipient_verdict, said, verdict

PATIENCE: Mapping[str, float] = {
    "CONNECT": 30, "GREETING": 300, "EHLO": 300, "STARTTLS": 120, "AUTH": 120, "MAIL": 300, "RCPT": 300, "DATA": 120, "BLOCK": 180,
    "DOT": 600, "RSET": 60, "QUIT": 3,
}  # fmt: skip
"""Seconds for each step. BLOCK is the message itself, DOT the answer to it, GREETING the server's first word."""
BUSY, SILENT = dt.timedelta(minutes=1), dt.timedelta(minutes=10)  # how long a domain rests after a 421, and after no answer


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is put around each message: the sender by the row's number, and the signature."""

    sender_of: Callable[[int], str]
    sign: Callable[[bytes], bytes] = bytes


class SmtpConnection:
    """Used by one thread; `abort` and `is_late` are for another, which watches. Opened at the first message, and again after it was
    lost: a server closes when it likes."""

    def __init__(self, server: Server, out: Envelope, patience: Mapping[str, float] = PATIENCE) -> None:
        self._server, self._out, self._patience = server, out, patience
        self._smtp: smtplib.SMTP | None = None
        self._step, self._late_at = "", float("inf")
        self._is_aborted = False

    def open(self) -> None:
        """Unreachable if the server can't be talked to: that is no message's fault."""
        if self._smtp is not None:
            return
        try:
            self._greet()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            text = self._words(error)
            self._drop()
            raise Unreachable(text) from error
        finally:
            self._late_at = float("inf")

    def _greet(self) -> None:
        server = self._server
        self._begin("GREETING")
        smtp = _Client(self._keep, server, self._patience)
        self._begin("EHLO")
        smtp.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            self._begin("STARTTLS")
            smtp.starttls(context=ssl.create_default_context())
            self._begin("EHLO")
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            self._begin("AUTH")
            smtp.login(server.user, server.password)

    def _keep(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def send(self, row: Claimed, raw: bytes, before_end: Callable[[], bool] | None = None) -> None:
        """`before_end` is asked when all but the last line is there; if it says no, the message is not ended and so not taken."""
        smtp = self._smtp
        assert smtp is not None
        try:
            self._dialogue(row, self._out.sign(raw), before_end)
        except (OSError, smtplib.SMTPException) as error:
            is_late, text = self._is_out_of_time(error), self._words(error)
            self._drop()
            raise NotNow(text, SILENT if is_late else None) from error
        except ValueError as error:  # an address that can't be said in a line of ASCII
            self._drop()
            raise Refused(said(error)) from error
        except (NotNow, Refused):
            raise
        except BaseException:
            self._drop()  # in the middle of a message
            raise
        finally:
            self._late_at = float("inf")

    def _dialogue(self, row: Claimed, raw: bytes, before_end: Callable[[], bool] | None) -> None:
        self._expect("MAIL", f"MAIL FROM:<{self._out.sender_of(row.id)}>", judge=_of_us)
        self._expect("RCPT", f"RCPT TO:<{row.recipient}>", judge=recipient_verdict)
        self._expect("DATA", "DATA", good=3)
        self._begin("BLOCK")
        smtp = self._smtp
        assert smtp is not None
        body = _stuffed(raw)
        if before_end is None:
            smtp.send(body + b".\r\n")
        else:
            smtp.send(body)
            if not before_end():
                raise smtplib.SMTPException("another worker has it")
            smtp.send(b".\r\n")
        self._judge("DOT", 2, verdict)

    def _expect(self, step: str, command: str, good: int = 2, judge: Callable[[int, Any], Exception] = verdict) -> None:
        assert self._smtp is not None
        self._begin(step)
        self._smtp.putcmd(command)
        self._judge(step, good, judge)

    def _judge(self, step: str, good: int, judge: Callable[[int, Any], Exception]) -> None:
        assert self._smtp is not None
        self._begin(step)
        code, text = self._smtp.getreply()
        if self._is_aborted:  # what was there of a line at that moment is no answer
            raise smtplib.SMTPServerDisconnected("cut off")
        if code // 100 == good:
            return
        if not 400 <= code < 600:  # no answer to what was asked: whatever comes next could not be understood
            raise smtplib.SMTPServerDisconnected(f"an answer to {step} that is none: {code} {text[:100]!r}")
        if code == 421:
            self._drop()
            raise NotNow(str(verdict(code, text)), BUSY)
        if step != "DOT":
            self._reset()
        raise judge(code, text)

    def _reset(self) -> None:
        """So that the next message begins anew; a server that won't is left."""
        assert self._smtp is not None
        try:
            self._begin("RSET")
            ok = self._smtp.docmd("RSET")[0] == 250
        except (OSError, smtplib.SMTPException):
            ok = False
        if not ok:
            self._drop()

    def _begin(self, step: str) -> None:
        if self._is_aborted:
            raise smtplib.SMTPServerDisconnected("cut off")
        seconds = self._patience[step]
        self._step, self._late_at = step, time.monotonic() + seconds
        sock = getattr(self._smtp, "sock", None)
        if sock is not None:
            sock.settimeout(seconds)

    def is_late(self) -> bool:
        """Whether the step in hand has had its time: a server that says a letter a minute never lets a single read run out."""
        return time.monotonic() > self._late_at

    def abort(self) -> None:
        """From another thread: whatever is waited for ends now, as if the server had hung up."""
        self._is_aborted = True
        sock = getattr(self._smtp, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # of an SSL socket too, without its good-bye

    def _is_out_of_time(self, error: BaseException) -> bool:
        return self.is_late() or isinstance(error, TimeoutError) or "timed out" in str(error)

    def _words(self, error: BaseException) -> str:
        if self._is_out_of_time(error):
            return f"no answer to {self._step} within {self._patience[self._step]:g} s"
        return said(error)

    def _drop(self) -> None:
        smtp, self._smtp, self._is_aborted = self._smtp, None, False
        if smtp is not None:
            smtp.close()

    def close(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(Exception):  # it says good-bye to a server that may be gone
                self._begin("QUIT")
                self._smtp.quit()
            self._drop()


class _Client(smtplib.SMTP):
    """Known to its owner before it connects, so that the connecting can be ended, too."""

    def __init__(self, keep: Callable[[smtplib.SMTP], None], server: Server, patience: Mapping[str, float]) -> None:
        keep(self)
        self._server, self._connect_within = server, patience["CONNECT"]
        super().__init__(server.host, server.port, timeout=patience["GREETING"])

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), self._connect_within)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a message's last line goes by itself, and else waits 40 ms for an ACK
        if self._server.tls == "smtps":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        sock.settimeout(timeout)
        return sock


def _of_us(code: int, text: Any) -> Exception:
    """A server that won't have our sender has nothing against the message: it waits until an administrator has seen to it."""
    return NotNow(str(verdict(code, text)))


def _stuffed(raw: bytes) -> bytes:
    """A line that begins with a dot gets another one, and the message ends with a line end. Its line ends are CRLF already."""
    if raw.startswith(b"."):
        raw = b"." + raw
    raw = raw.replace(b"\r\n.", b"\r\n..")
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


class SmtpTransport:
    lanes = 6
    is_paced, is_repeatable = True, False

    def __init__(self, server: Server, out: Envelope, patience: Mapping[str, float] = PATIENCE) -> None:
        self._parts = (server, out, patience)

    def connection(self) -> SmtpConnection:
        return SmtpConnection(*self._parts)
