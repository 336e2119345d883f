"""Where messages go: to a mail server over SMTP, or whole into files where none is set."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from app.core.config import ConfigError, Settings
from app.core.signing import Signer
from app.mail import envelope

if TYPE_CHECKING:
    from app.mail.outbox import Claimed
    from app.mail.sending.signature import DkimSigner


class Refused(Exception):
    """The server will never take this message (5xx)."""


class NoSuchMailbox(Refused):
    """The server says that the recipient is not there, not that it dislikes the message."""


class NotNow(Exception):
    """The server, or the way to it, can't take this message now (4xx, no connection, no answer). `rest`: how long to leave the
    recipient's whole domain alone."""

    def __init__(self, said: str, rest: dt.timedelta | None = None) -> None:
        super().__init__(said)
        self.rest = rest


class Unreachable(NotNow):
    """There is no talking to the server at all: no message is to blame."""


class Connection(Protocol):
    """One way out, used by one thread. `is_late` and `abort` are for another, which watches it."""

    def open(self) -> None: ...

    def send(self, row: Claimed, raw: bytes, before_end: Callable[[], bool] | None = None) -> None: ...

    def is_late(self) -> bool: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Transport(Protocol):
    lanes: int  # how many connections at once
    is_paced: bool  # whether there is a server at the other end that may be asked for too much
    is_repeatable: bool  # whether sending twice leaves one copy

    def connection(self) -> Connection: ...


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


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def verdict(code: int, text: Any) -> Exception:
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
    found = verdict(code, text)
    if not isinstance(found, Refused):
        return found
    words = str(found)[4:].lower()
    status = _STATUS.match(words)
    is_gone = status[0] in _GONE if status else code in (550, 551, 553) and _SAID_GONE.search(words) is not None
    return NoSuchMailbox(str(found)) if is_gone else found


class FileTransport:
    """Each message whole in a file, whose name sorts by when it was queued; written under another name first, so that nobody
    reads half of one. The same message has the same name, so sending it twice leaves one file."""

    lanes = 1
    is_paced, is_repeatable = False, True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connection(self) -> FileTransport:
        return self

    def open(self) -> None:
        """There is nobody to call."""

    def send(self, row: Claimed, raw: bytes, before_end: Callable[[], bool] | None = None) -> None:
        name = f"{row.created_at:%Y%m%dT%H%M%S.%f}-{row.id:08d}-{re.sub('[^a-z]', '', row.kind)}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = self._folder / f".{name}.{os.getpid()}"
            with open(half, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(raw.replace(b"\r\n", b"\n"))  # a file has this system's line ends
            half.rename(self._folder / name)
        except OSError as error:
            raise NotNow(said(error)) from error

    def is_late(self) -> bool:
        return False

    def abort(self) -> None:
        """A file is written or it is not."""

    def close(self) -> None:
        """Nothing is held open."""


def folder_of(settings: Settings) -> Path:
    return settings.data_dir / "mail"


def transport_for(settings: Settings) -> Transport:
    if not settings.smtp_url:
        return FileTransport(folder_of(settings))
    from app.mail.sending.smtp import Envelope, SmtpTransport  # late: it brings in ssl, which most processes never need

    signer, domain = Signer(settings.keys), settings.mail_domain
    out = Envelope(lambda row_id: envelope.sender(signer, row_id, domain), dkim_of(settings) or bytes)
    return SmtpTransport(server_of(settings.smtp_url), out)


def dkim_of(settings: Settings) -> DkimSigner | None:
    if settings.dkim_key_file is None:
        return None
    from app.mail.sending.signature import signer_of

    return signer_of(settings)


def check(settings: Settings) -> None:
    """ConfigError, at the start of whatever runs, for a server or a key that can't be right."""
    dkim_of(settings)
    if settings.smtp_url:
        server_of(settings.smtp_url)
