"""The second factor: a code of an authenticator app or a recovery code, each good once, however many try at the same moment (A7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import codes, passwords, throttle, totp
from app.accounts.models import Account, Authenticator, AuthenticatorKind, Factor, RecoveryCode
from app.accounts.sessions import LIMITS, Limits
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer

CAP = 100  # failures in a row, then an authenticator is disabled (A6)


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in works with: the database, the keys and the settings."""

    db: Database
    signer: Signer
    settings: Settings

    @property
    def person_limit(self) -> throttle.Limit:
        return throttle.PERSON[self.settings.profile]

    @property
    def limits(self) -> Limits:
        return LIMITS[self.settings.profile]

    @property
    def min_length(self) -> int:
        return passwords.MIN_LENGTH[self.settings.profile]


def factor_key(account_id: int) -> bytes:
    return throttle.key_of("factor", str(account_id))


def check(door: Door, session: Session, account_id: int, code: str, now: dt.datetime) -> Factor | None:
    """Take a try and check the code in this transaction: what it was, or None. The caller commits both ways."""
    if not throttle.take(session, factor_key(account_id), door.person_limit, now):
        return None
    shown = _kind(door.signer, session, account_id, code, now)
    if shown is None:
        _failed(session, account_id, now)
    else:
        throttle.forget(session, factor_key(account_id))
    return shown


def _kind(signer: Signer, session: Session, account_id: int, code: str, now: dt.datetime) -> Factor | None:
    if _totp(signer, session, account_id, code, now):
        return Factor.TOTP
    return Factor.RECOVERY if _recovery(session, account_id, code, now) else None


def _totp(signer: Signer, session: Session, account_id: int, code: str, now: dt.datetime) -> bool:
    digits = "".join(code.split())
    if len(digits) != totp.DIGITS or not digits.isascii() or not digits.isdigit():
        return False
    rows = session.execute(_live(account_id)).all()
    return any(_took(session, row.id, totp.matching_step(totp.unseal(signer, row.sealed_secret), digits, now), now) for row in rows)


def _live(account_id: int) -> Any:
    return select(Authenticator.id, Authenticator.sealed_secret).where(
        Authenticator.account_id == account_id, Authenticator.kind == AuthenticatorKind.TOTP,
        Authenticator.confirmed_at.is_not(None), Authenticator.disabled_at.is_(None),
    )  # fmt: skip


def _took(session: Session, authenticator_id: int, step: int | None, now: dt.datetime) -> bool:
    """Move the newest step forward: of two who show the same code, one finds it moved already."""
    if step is None:
        return False
    moved = session.execute(
        update(Authenticator)
        .where(Authenticator.id == authenticator_id, Authenticator.last_step < step)
        .values(last_step=step, last_used_at=now, failures=0)
        .returning(Authenticator.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def _recovery(session: Session, account_id: int, code: str, now: dt.datetime) -> bool:
    if len(codes.as_stored(code)) < 16:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.code_hash == codes.code_hash(code), RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def _failed(session: Session, account_id: int, now: dt.datetime) -> None:
    """Count a wrong code against every authenticator it could have been for; at the cap they are disabled."""
    mine = update(Authenticator).where(Authenticator.account_id == account_id, Authenticator.disabled_at.is_(None))
    quiet = {"synchronize_session": False}
    session.execute(mine.values(failures=Authenticator.failures + 1).execution_options(**quiet))
    session.execute(mine.where(Authenticator.failures >= CAP).values(disabled_at=now).execution_options(**quiet))
    session.execute(
        update(Account).where(Account.id == account_id).values(failed_since=Account.failed_since + 1).execution_options(**quiet)
    )
