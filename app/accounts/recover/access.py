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


_FACTS: tuple[Any, ...] = (Recovery.account_id, Recovery.new_email, Recovery.used_at, Recovery.expires_at, Recovery.failures)


def _of_token(*columns: Any, token: str) -> Any:
    return select(*columns).where(Recovery.token_hash == token_hash(token))


def _require_live(conn: Connection, row: Any, now: dt.datetime) -> None:
    """A link that went to a new address is good whosever the old one is: else it would tell a stranger who is a member (A15)."""
    if row is None or row.used_at is not None or row.expires_at <= now or row.failures >= TRIES:
        raise Dead
    if not row.new_email and (row.account_id is None or not may_recover(conn, row.account_id)):
        raise Dead


def live(conn: Connection, token: str, now: dt.datetime) -> int:
    """The account of a link that went to its own mailbox and is good; Dead for every other, and for what only reviewers may decide."""
    row = conn.execute(_of_token(*_FACTS, token=token)).first()
    _require_live(conn, row, now)
    if row is None or row.new_email:
        raise Dead
    account_id: int = row.account_id
    return account_id


def live_for_case(conn: Connection, token: str, now: dt.datetime) -> bool:
    """The same for the way by reviewers, which takes a new address too: whether this link went to one."""
    row = conn.execute(_of_token(*_FACTS, token=token)).first()
    _require_live(conn, row, now)
    return bool(row is not None and row.new_email)


def live_locked(session: Session, token: str, now: dt.datetime, *, for_case: bool = False) -> Recovery:
    """The same two for an act: the row, locked until the transaction ends."""
    row: Recovery | None = session.scalars(_of_token(Recovery, token=token).with_for_update()).first()
    _require_live(session.connection(), row, now)
    if row is None or (row.new_email and not for_case):
        raise Dead
    return row


def may_recover(conn: Connection, account_id: int) -> bool:
    """Whoever has a sign-in that could be used again: enrolled once, not closed by an administrator, and let in by membership."""
    enrolled = select(Account.id).where(Account.id == account_id, Account.password_set_at.is_not(None), Account.disabled_at.is_(None))
    return conn.execute(enrolled).first() is not None and hooks.may_sign_in(conn, account_id)
