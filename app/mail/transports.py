"""Where messages go: to a mail server over SMTP, or whole into files where none is set."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from app.core.config import ConfigError, Settings

if TYPE_CHECKING:
    import smtplib

    from app.mail.outbox import Claimed

SECONDS_A_STEP = 45.0  # five steps end before a lease of five minutes does


class Refused(Exception):
    """The server will never take this message (5xx)."""


class NoSuchMailbox(Refused):
    """The server says that the recipient is not there, not that it dislikes the message."""


class NotNow(Exception):
    """The server, or the way to it, can't take this message now (4xx, no connection, no answer)."""


class Transport(Protocol):
    repeatable: bool  # whether sending twice leaves one copy, so that a batch may be closed in one go

    def send(self, row: Claimed, raw: bytes) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as SMTP_URL names it. `tls` is none, starttls or smtps."""

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""


def server_of(url: str) -> Server:
    """`smtp://user:pass@host:587?tls=starttls` or `smtps://…`; ConfigError for anything else."""
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    tls = "smtps" if parts.scheme == "smtps" else query.pop("tls", ["none"])[0]
    try:
        port = parts.port or {"smtps": 465, "starttls": 587}.get(tls, 25)
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not port or query or tls not in ("none", "starttls", "smtps"):
        raise ConfigError("SQUADROOM_SMTP_URL: must be like smtp://user:pass@host:587?tls=starttls or smtps://host")
    return Server(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""))


class SmtpTransport:
    """One connection for as many messages as there are; opened anew after the server has closed it."""

    repeatable = False

    def __init__(self, server: Server, sender: str, seconds: float = SECONDS_A_STEP) -> None:
        self._server, self._sender, self._seconds = server, sender, seconds
        self._smtp: smtplib.SMTP | None = None

    def send(self, row: Claimed, raw: bytes) -> None:
        import smtplib  # late: it brings in ssl, which most processes never need

        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:  # what is refused here is not the message's fault
            self.close()
            raise NotNow(_said(error)) from error
        try:
            smtp.sendmail(self._sender, [row.recipient], raw)
        except smtplib.SMTPRecipientsRefused as error:
            raise recipient_verdict(*error.recipients[row.recipient]) from error
        except smtplib.SMTPResponseException as error:
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotNow(_said(error)) from error

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None or getattr(self._smtp, "sock", None) is None:
            self._smtp = self._opened()
        return self._smtp

    def _opened(self) -> smtplib.SMTP:
        import smtplib
        import ssl

        server = self._server
        if server.tls == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._seconds, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        try:
            smtp.ehlo_or_helo_if_needed()  # here, so that a server that is not in service refuses no message
            if server.tls == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(Exception):  # it says good-bye to a server that may be gone
                smtp.quit()
            smtp.close()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _verdict(code: int, text: Any) -> Exception:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return (Refused if 500 <= code < 600 else NotNow)(f"{code} {words}"[:300])


# RFC 3463: no such mailbox, no such system, moved without a new address, takes no mail, closed.
_GONE = ("5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1")
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
_SAID_GONE = re.compile(
    r"\bno such (user|mailbox|recipient|address|person|account)|\b(unknown|invalid|nonexistent) (user|mailbox|recipient|account)"
    r"|\b(user|mailbox|recipient|account|address)\b.{0,60}\b(unknown|not found|(does ?n[o']t|does not|not) exist)"
)


def recipient_verdict(code: int, text: Any) -> Exception:
    """What a server means that takes no mail for this recipient. Servers refuse senders there, too: where it isn't said that the mailbox
    is gone, nothing is concluded."""
    verdict = _verdict(code, text)
    if not isinstance(verdict, Refused):
        return verdict
    words = str(verdict)[4:].lower()
    status = _STATUS.match(words)
    is_gone = status[0] in _GONE if status else code in (550, 551, 553) and _SAID_GONE.search(words) is not None
    return NoSuchMailbox(str(verdict)) if is_gone else verdict


class FileTransport:
    """Each message whole in a file, whose name sorts by when it was queued; written under another name first, so that nobody
    reads half of one. The same message has the same name, so sending it twice leaves one file."""

    repeatable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, row: Claimed, raw: bytes) -> None:
        name = f"{row.created_at:%Y%m%dT%H%M%S.%f}-{row.id:08d}-{re.sub('[^a-z]', '', row.kind)}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = self._folder / f".{name}.{os.getpid()}"
            with open(half, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(raw.replace(b"\r\n", b"\n"))  # a file has this system's line ends
            half.rename(self._folder / name)
        except OSError as error:
            raise NotNow(_said(error)) from error

    def close(self) -> None:
        """Nothing is held open."""


def folder_of(settings: Settings) -> Path:
    return settings.data_dir / "mail"


def transport_for(settings: Settings) -> Transport:
    if settings.smtp_url:
        return SmtpTransport(server_of(settings.smtp_url), settings.sender)
    return FileTransport(folder_of(settings))
