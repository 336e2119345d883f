"""The second fence for recoveries: each is reached by the token that was mailed for it, while it is good, and by nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.accounts import hooks
from app.accounts.models import Account
from app.accounts.recover.models import Recovery
from app.core.errors import NotFound
from app.core.signing import token_hash

TRIES = 5


class Dead(NotFound):
    """Every link that is not good: nobody learns which of them it is."""

    def __init__(self) -> None:
        super().__init__("This link was used already, or is older than 24 hours, or was never ours. Ask for a new one on the sign-in page.")


def _of_token(*columns: Any, token: str) -> Any:
    return select(*columns).where(Recovery.token_hash == token_hash(token), Recovery.account_id.is_not(None))


def _require_live(conn: Connection, row: Any, now: dt.datetime) -> None:
    if row is None or row.used_at is not None or row.expires_at <= now or row.failures >= TRIES:
        raise Dead
    if not may_recover(conn, row.account_id):
        raise Dead


def live(conn: Connection, token: str, now: dt.datetime) -> int:
    """The account of a link that is good; Dead for every other."""
    row = conn.execute(_of_token(Recovery.account_id, Recovery.used_at, Recovery.expires_at, Recovery.failures, token=token)).first()
    _require_live(conn, row, now)
    account_id: int = row.account_id  # type: ignore[union-attr]  # no row is Dead
    return account_id


def live_locked(session: Session, token: str, now: dt.datetime) -> Recovery:
    """The same for an act: the row, locked until the transaction ends."""
    row: Recovery | None = session.scalars(_of_token(Recovery, token=token).with_for_update()).first()
    _require_live(session.connection(), row, now)
    assert row is not None
    return row


def may_recover(conn: Connection, account_id: int) -> bool:
    """Whoever has a sign-in that could be used again: enrolled once, not closed by an administrator, and let in by membership."""
    enrolled = select(Account.id).where(Account.id == account_id, Account.password_set_at.is_not(None), Account.disabled_at.is_(None))
    return conn.execute(enrolled).first() is not None and hooks.may_sign_in(conn, account_id)
