"""How code below the mail package asks for a letter to be sent: it is queued in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one recipient. `template` is `mail/NAME` (a .txt and an .html twin); `key` names the thing it is about,
    and the same key is queued once only. `kind` is the X-Squadroom-Kind. `secret` values reach the template and the
    letter's bytes, never a log. `page` is the path, without a secret, where a member who has signed in does something about it."""

    kind: str
    to: str
    template: str
    subject: str
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    member_id: int | None = None
    topic: str = ""  # of a "notification": the kind that its reader may switch off, by its name
    page: str = ""
    on_site: bool = True  # told among the member's notifications, too; not where the very act of writing would tell who is a member


class Mail(Protocol):
    def queue(self, session: Session, letter: Letter) -> None: ...


class NullMail:
    """Where no mail package is registered: remembers, so that a test can look."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def queue(self, session: Session, letter: Letter) -> None:
        self.letters.append(letter)


_mail: Mail = NullMail()


def register(mail: Mail) -> None:
    global _mail
    _mail = mail


def queue(session: Session, letter: Letter) -> None:
    """Queue a letter in this transaction; it leaves after the commit or not at all."""
    _mail.queue(session, letter)
