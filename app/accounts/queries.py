"""What the settings pages of accounts show of one's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from app.accounts.models import Account, Authenticator, BearerToken, RecoveryCode, SignInSession
from app.accounts.passkeys.models import Passkey
from app.accounts.sessions import Limits


def sessions(conn: Connection, account_id: int, now: dt.datetime, limits: Limits) -> Sequence[Any]:
    """The open ones, the last seen first."""
    s = SignInSession
    statement = (
        select(s.id, s.created_at, s.last_seen_at, s.address, s.browser, s.before_at, s.failed_before)
        .where(s.account_id == account_id, s.ended_at.is_(None), s.expires_at > now, s.last_seen_at > now - limits.idle)
        .order_by(s.last_seen_at.desc(), s.id.desc())
        .limit(100)
    )
    return conn.execute(statement).all()


def other_sessions(conn: Connection, account_id: int, here: int, now: dt.datetime) -> int:
    """How many sessions are open beside this one."""
    s = SignInSession
    statement = (
        select(func.count()).select_from(s).where(s.account_id == account_id, s.id != here, s.ended_at.is_(None), s.expires_at > now)
    )
    return conn.execute(statement).scalar_one()


def absolute_end(conn: Connection, session_id: int) -> dt.datetime:
    return conn.execute(select(SignInSession.expires_at).where(SignInSession.id == session_id)).scalar_one()


def authenticators(conn: Connection, account_id: int) -> Sequence[Any]:
    a = Authenticator
    statement = select(a.id, a.kind, a.name, a.created_at, a.last_used_at, a.disabled_at, Passkey.is_synced)
    statement = statement.outerjoin(Passkey, Passkey.authenticator_id == a.id)
    return conn.execute(statement.where(a.account_id == account_id, a.confirmed_at.is_not(None)).order_by(a.id)).all()


def authenticator(conn: Connection, account_id: int, authenticator_id: int) -> Any:
    a = Authenticator
    statement = select(a.id, a.kind, a.name, a.sealed_secret, a.confirmed_at, a.created_at, Account.email)
    statement = statement.join(Account, Account.id == a.account_id)
    return conn.execute(statement.where(a.account_id == account_id, a.id == authenticator_id)).first()


def recovery_codes_left(conn: Connection, account_id: int) -> int:
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return conn.execute(left).scalar_one()


def password_set_at(conn: Connection, account_id: int) -> dt.datetime | None:
    return conn.execute(select(Account.password_set_at).where(Account.id == account_id)).scalar_one_or_none()


def email(conn: Connection, account_id: int) -> str:
    return conn.execute(select(Account.email).where(Account.id == account_id)).scalar_one()


def tokens(conn: Connection, account_id: int, now: dt.datetime) -> Sequence[Any]:
    """Live ones, the newest first."""
    t = BearerToken
    statement = select(t.id, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at)
    return conn.execute(statement.where(t.account_id == account_id, t.revoked_at.is_(None), t.expires_at > now).order_by(t.id.desc())).all()
