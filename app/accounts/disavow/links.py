"""Making the link "this was not me" that stands in each letter about a change (A10)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from app.accounts.disavow.models import Disavowal
from app.core import clock
from app.core.signing import new_token, token_hash

LIVES = dt.timedelta(days=7)
Kind = Literal["", "password", "authenticator", "recovery_codes", "address", "primary", "recovery"]


@dataclass(frozen=True, slots=True)
class Undo:
    """What is held if the change was somebody else's. Nothing of it ever gives anybody more than they had."""

    kind: Kind = ""
    subject_id: int | None = None


def new_link(session: Session, account_id: int, what: str, undo: Undo) -> str:
    """The path of the link, good once and for seven days."""
    token = new_token()
    session.add(
        Disavowal(
            account_id=account_id, token_hash=token_hash(token), kind=undo.kind, subject_id=undo.subject_id, what=what[:500],
            expires_at=clock.now() + LIVES,
        )
    )  # fmt: skip
    return f"/not-me/{token}"
