"""The letter to an address that somebody wants to add. Its words are fixed; to a taken one it brings no code."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.signing import token_hash


def ask(session: Session, to: str, code: str, lives: dt.timedelta, *, is_taken: bool) -> None:
    key = f"address:{token_hash(code).hex()[:24]}"
    if is_taken:
        mail.queue(session, Letter("account", to, "mail/address_taken", "Somebody tried to add your address", key))
    else:
        mail.queue(session, Letter("account", to, "mail/address_code", "Confirm your address", key, {"code": code, "lives": lives}))
