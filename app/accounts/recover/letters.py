"""The letters of a recovery. Their words are fixed, and they tell apart what the page does not: the mailbox alone learns it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.signing import token_hash

SUBJECT = "Recovering your sign-in"


def link(session: Session, to: str, account_id: int, token: str) -> None:
    values = {"path": f"/recover/{token}"}
    mail.queue(session, Letter("account", to, "mail/recovery_link", SUBJECT, _key(token), values, account_id, on_site=False))


def nothing_here(session: Session, to: str, token: str) -> None:
    """To an address that has no sign-in: a member who has two addresses learns that it is the other one."""
    mail.queue(session, Letter("account", to, "mail/recovery_none", SUBJECT, _key(token), {"path": "/recover"}))


def new_address(session: Session, to: str, token: str) -> None:
    """To an address that is nobody's yet. Its words are the same whether the other address is a member's or not (A15)."""
    values = {"path": f"/recover/{token}/case"}
    mail.queue(session, Letter("account", to, "mail/recovery_new", SUBJECT, _key(token), values))


def _key(token: str) -> str:
    return f"recovery:{token_hash(token).hex()[:24]}"
