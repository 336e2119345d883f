"""Challenges: given out, and taken back at most once. What takes one commits before anything is checked with it."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Authenticator
from app.accounts.passkeys.models import Passkey, PasskeyChallenge, Purpose

SIZE = 32  # bytes; A8 asks for 16
VALID = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Given:
    """What a device is asked to sign, and the name without a name under which it keeps a new passkey."""

    challenge: bytes
    user_handle: bytes = b""


def to_show(session: Session, holder: bytes, now: dt.datetime) -> Given:
    """For whoever holds this cookie: show a passkey."""
    return _give(session, PasskeyChallenge(holder=holder, purpose=Purpose.SHOW, expires_at=now + VALID))


def to_add(session: Session, holder: bytes, account_id: int, now: dt.datetime) -> Given:
    """Make a passkey. All of one account have one handle, so that a device offers the account once."""
    mine = select(Passkey.user_handle).join(Authenticator, Authenticator.id == Passkey.authenticator_id)
    handle = session.scalar(mine.where(Authenticator.account_id == account_id).limit(1)) or secrets.token_bytes(SIZE)
    return _give(session, PasskeyChallenge(holder=holder, purpose=Purpose.ADD, user_handle=handle, expires_at=now + VALID))


def _give(session: Session, row: PasskeyChallenge) -> Given:
    row.challenge = secrets.token_bytes(SIZE)
    session.add(row)
    session.flush()
    return Given(row.challenge, row.user_handle or b"")


def take(session: Session, holder: bytes, purpose: Purpose, challenge: bytes, now: dt.datetime) -> Given | None:
    """The challenge, if it was given to this holder for this and is not over. Of two who show the same, one finds it gone."""
    c = PasskeyChallenge
    taken = session.execute(
        delete(c)
        .where(c.challenge == challenge, c.holder == holder, c.purpose == purpose)
        .returning(c.user_handle, c.expires_at)
        .execution_options(synchronize_session=False)
    ).first()
    return None if taken is None or taken.expires_at <= now else Given(challenge, taken.user_handle or b"")
