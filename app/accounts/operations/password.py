"""Setting and changing a password. It is checked and hashed before the transaction that writes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import blocklist, notices, passwords, sessions, throttle
from app.accounts.disavow.links import Undo
from app.accounts.factors import Door
from app.accounts.models import Account
from app.accounts.signing_in import Half, Onward, address_key, is_held, renewed
from app.accounts.words import words_against
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Invalid, NotFound

WRONG = "That is not your present password. After five wrong tries it is locked for a while."


@dataclass(frozen=True, slots=True)
class Change:
    """What someone asks for who is signed in: their present password and the new one."""

    actor: Actor
    session_id: int
    current: str
    new: str


def strong(door: Door, account_id: int, password: str, field: str = "new_password") -> str:
    """The hash of a password that may be used; Invalid says why not, beside the field."""
    with door.db.read() as conn:
        email = conn.execute(select(Account.email).where(Account.id == account_id)).scalar_one()
        words = words_against(conn, account_id, email, door.settings)
    why = passwords.weakness(password, words, door.min_length)
    if why is not None:
        raise Invalid({field: why})
    return passwords.hashed(password)


def set_password(session: Session, actor: Actor, account_id: int, hashed: str) -> None:
    """Store a hash that `strong` made. Who may, the caller has asked: enrolment's code, or the account's owner."""
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    account.password_hash, account.password_set_at, account.password_failures = hashed, clock.now(), 0
    account.blocklist_version = blocklist.current().version
    audit.record(session, actor, "password.set", ("account", account_id))


def change_password(door: Door, change: Change) -> str:
    """Everywhere else is signed out; the present session gets a new token, which is returned."""
    account_id, now = change.actor.member_id, clock.now()
    _require_current(door, account_id, change.current, now)
    hashed = strong(door, account_id, change.new)
    with door.db.write() as session:
        set_password(session, change.actor, account_id, hashed)
        sessions.end_all(session, account_id, now, but=change.session_id)
        notices.tell(session, change.actor, account_id, "Your password was changed. All other sessions were ended.", Undo("password"))
        return sessions.rotate(session, change.session_id)


def _require_current(door: Door, account_id: int, password: str, now: dt.datetime) -> None:
    """Counted like any other try at the password, so that a stolen session can't guess either."""
    with door.db.write() as session:
        row = session.execute(select(Account.email, Account.password_hash).where(Account.id == account_id)).one()
        is_free = throttle.take(session, address_key(row.email), door.person_limit, now)
    if not passwords.verify(password, row.password_hash if is_free else None):
        raise Invalid(current_password=WRONG)
    with door.db.write() as session:
        throttle.forget(session, address_key(row.email))


def renew_password(door: Door, half: Half, new: str) -> Onward | None:
    """For a session that waits for a new password (A4): set it, and the session is whole. None if it waits no more."""
    with door.db.write() as session:
        if not is_held(session, half):
            return None
    hashed = strong(door, half.account_id, new)
    with door.db.write() as session:
        if not is_held(session, half):
            return None
        actor = Actor(id=half.account_id, name="", origin=half.origin)
        set_password(session, actor, half.account_id, hashed)
        notices.tell(session, actor, half.account_id, "Your password was changed when you signed in.", Undo("password"))
        return renewed(door, session, half)
