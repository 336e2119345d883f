"""Inviting: the one-time link with which someone sets their password and first authenticator."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import codes
from app.accounts.models import Account, Enrolment
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.core.signing import new_token, token_hash

VALID = dt.timedelta(hours=72)


def invite(session: Session, actor: Actor, account_id: int, code: str | None = None, code_hash: bytes | None = None) -> str:
    """The token of `/enrol/{token}`, good once and for 72 hours; links that were made before are dead.

    `code` is what its holder must also show, and never comes by mail: as text, or already hashed by
    `codes.code_hash`. Neither is for links that are handed over in person.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    # A reviewer lets in whom they approved; giving a way in to an account that is in use is an administrator's act.
    if not (actor.may(Right.REVIEW) and account.password_hash is None):
        actor.require(Right.ADMIN)
    hashed = codes.code_hash(code) if code is not None else code_hash
    token = _link(session, account_id, hashed)
    audit.record(session, actor, "account.invite", ("account", account_id), with_code=hashed is not None)
    return token


def invite_to_recover(session: Session, actor: Actor, account_id: int, code_hash: bytes) -> str:
    """The same for a member whose sign-in two reviewers let be set up anew. Only the case's outcome calls this, in the transaction of
    the second signature, and never without the code that was shown when the recovery was asked (A9)."""
    actor.require(Right.REVIEW)
    token = _link(session, account_id, code_hash)
    audit.record(session, actor, "account.invite", ("account", account_id), with_code=True, recovery=True)
    return token


def _link(session: Session, account_id: int, hashed: bytes | None) -> str:
    now, token = clock.now(), new_token()
    session.execute(update(Enrolment).where(Enrolment.account_id == account_id, Enrolment.used_at.is_(None)).values(used_at=now))
    session.add(Enrolment(account_id=account_id, token_hash=token_hash(token), code_hash=hashed, created_at=now, expires_at=now + VALID))
    return token
