"""Recovery codes: ten at a time, stored hashed, each good once. New ones take the place of all old ones."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.codes import RECOVERY_CODES, code_hash, new_code
from app.accounts.models import RecoveryCode


def replace_codes(session: Session, account_id: int) -> list[str]:
    """The new codes in clear, this once."""
    made = [new_code() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, code_hash=code_hash(code)) for code in made)
    session.flush()
    return made


def replace_used(session: Session, account_id: int) -> str:
    """One for one that was used just now, so that there are always ten: in clear, this once (A9)."""
    made = new_code()
    session.add(RecoveryCode(account_id=account_id, code_hash=code_hash(made)))
    session.flush()
    return made
