"""Enrolling: the link from the letter, then the code that never came by mail, a password, and an authenticator app or a passkey.

Two pages, and nothing of the account changes before the second is right. What the first one took waits on the enrolment's row: the
password as a hash, the authenticator unconfirmed. Only the browser that gave the code sees the new secret.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from app.accounts import hooks, notices, sessions, throttle, totp
from app.accounts.codes import code_hash
from app.accounts.disavow.links import Undo
from app.accounts.factors import Door, factor_key
from app.accounts.models import Account, Authenticator, Enrolment, Factor
from app.accounts.operations.access_ends import end_tokens
from app.accounts.operations.authenticators import WRONG_CODE, confirm, new_authenticator
from app.accounts.operations.password import set_password, strong
from app.accounts.passkeys.adding import New, store
from app.accounts.recovery import replace_codes
from app.accounts.signing_in import Half, Onward, address_key, onward
from app.accounts.terms import acceptance
from app.core import audit, clock
from app.core.access import Actor, Origin
from app.core.errors import Invalid, NotFound
from app.core.signing import token_hash

TRIES = 5
WRONG = "That is not the code from the page after you applied. After five wrong codes this link no longer works."


class Dead(NotFound):
    """Every link that is not good: nobody learns which of them it is."""

    def __init__(self) -> None:
        super().__init__("This link was used already, or is older than 72 hours, or was never ours. Ask the association for a new one.")


@dataclass(frozen=True, slots=True)
class Guest:
    """Who holds the link: its token, the key of their browser, and where they are."""

    token: str
    browser_key: bytes
    origin: Origin
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """What the second page shows, and whose it is."""

    secret: str
    email: str
    account_id: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The session's token, how far it is, and the recovery codes in clear this once."""

    onward: Onward
    codes: list[str]


def _row(session: Session, token: str) -> Enrolment:
    """The live enrolment behind a link, locked; Dead for every other link."""
    row = session.scalars(select(Enrolment).where(Enrolment.token_hash == token_hash(token)).with_for_update()).first()
    if row is None or row.used_at is not None or row.expires_at <= clock.now() or row.failures >= TRIES:
        raise Dead
    if not hooks.may_sign_in(session.connection(), row.account_id):
        raise Dead
    return row


def needs_code(conn: Connection, token: str) -> bool:
    """Whether the first page asks for the code; Dead for a link that is not good."""
    e = Enrolment
    row = conn.execute(
        select(e.account_id, e.code_hash, e.used_at, e.expires_at, e.failures).where(e.token_hash == token_hash(token))
    ).first()
    if row is None or row.used_at is not None or row.expires_at <= clock.now() or row.failures >= TRIES:
        raise Dead
    if not hooks.may_sign_in(conn, row.account_id):
        raise Dead
    return row.code_hash is not None


def pending(conn: Connection, door: Door, guest: Guest) -> Pending | None:
    """The second page's state for the browser that passed the first one; None for any other."""
    needs_code(conn, guest.token)
    statement = (
        select(Enrolment.browser_hash, Authenticator.sealed_secret, Account.email, Enrolment.account_id)
        .join(Authenticator, Authenticator.id == Enrolment.authenticator_id)
        .join(Account, Account.id == Enrolment.account_id)
        .where(Enrolment.token_hash == token_hash(guest.token))
    )
    row = conn.execute(statement).first()
    if row is None or row.browser_hash is None or not hmac.compare_digest(row.browser_hash, guest.browser_key):
        return None
    return Pending(totp.unseal(door.signer, row.sealed_secret), row.email, row.account_id)


def begin(door: Door, guest: Guest, code: str, password: str) -> None:
    """The first page: the code is counted and asked first, then the password is looked at, then both are kept for the second."""
    with door.db.write() as session:
        row = _row(session, guest.token)
        is_right = row.code_hash is None or hmac.compare_digest(row.code_hash, code_hash(code))
        if not is_right:
            row.failures += 1
            audit.record(
                session, _guest(row, guest), "account.enrol", ("account", row.account_id), outcome="refused", failures=row.failures
            )
    if not is_right:
        raise Invalid(enrolment_code=WRONG)
    hashed = strong(door, row.account_id, password, "password")
    with door.db.write() as session:
        row = _row(session, guest.token)
        row.authenticator_id = new_authenticator(session, door.signer, row.account_id, "Authenticator app").id
        row.password_hash, row.browser_hash = hashed, guest.browser_key


def complete(door: Door, guest: Guest, code: str) -> Enrolled:
    """The second page: with a right code the account gets all of it at once, and this browser is signed in."""
    with door.db.write() as session:
        row = _mine(session, guest)
        authenticator = session.get(Authenticator, row.authenticator_id)
        if authenticator is None:
            raise Dead
        if not confirm(door.signer, authenticator, code):
            raise Invalid(code=WRONG_CODE)
        return _enrolled(door, session, row, guest, Factor.TOTP)


def complete_with_passkey(door: Door, guest: Guest, new: New, name: str) -> Enrolled:
    """The same with a passkey in place of an app."""
    with door.db.write() as session:
        row = _mine(session, guest)
        row.authenticator_id = store(session, row.account_id, new, name)
        return _enrolled(door, session, row, guest, Factor.PASSKEY)


def _mine(session: Session, guest: Guest) -> Enrolment:
    """The enrolment for the browser that passed the first page; Dead for any other."""
    row = _row(session, guest.token)
    mine = row.browser_hash is not None and hmac.compare_digest(row.browser_hash, guest.browser_key)
    if not mine or row.password_hash is None or row.authenticator_id is None:
        raise Dead
    return row


def _enrolled(door: Door, session: Session, row: Enrolment, guest: Guest, shown: Factor) -> Enrolled:
    row.used_at = clock.now()
    _take_over(session, row, guest, "passkey" if shown == Factor.PASSKEY else "authenticator app")
    return Enrolled(_signed_in(door, session, row, guest, shown), replace_codes(session, row.account_id))


def _take_over(session: Session, row: Enrolment, guest: Guest, second: str) -> None:
    """The new password and authenticator take the place of whatever the account had."""
    actor, kept = _guest(row, guest), row.authenticator_id
    assert row.password_hash is not None
    set_password(session, actor, row.account_id, row.password_hash)
    row.password_hash = row.browser_hash = row.authenticator_id = None
    session.flush()
    session.execute(update(Enrolment).where(Enrolment.account_id == row.account_id).values(authenticator_id=None))
    session.execute(delete(Authenticator).where(Authenticator.account_id == row.account_id, Authenticator.id != kept))
    sessions.end_all(session, row.account_id, clock.now())
    end_tokens(session, row.account_id)
    audit.record(session, actor, "account.enrol", ("account", row.account_id))
    notices.tell(session, actor, row.account_id, f"Your password and your {second} were set up.", Undo("password"))


def _signed_in(door: Door, session: Session, row: Enrolment, guest: Guest, shown: Factor) -> Onward:
    now = clock.now()
    account = session.get_one(Account, row.account_id)
    throttle.forget(session, address_key(account.email), factor_key(account.id))
    account.failed_since = 0
    session_id, _ = sessions.begin(session, account.id, now, sessions.Place(guest.origin.address, guest.browser))
    acceptance.accept(session, _guest(row, guest), door.settings)  # the first page says so
    done = onward(door, session, Half(account.id, session_id, guest.origin, now), shown)
    assert done is not None
    return done


def _guest(row: Enrolment, guest: Guest) -> Actor:
    return Actor(id=row.account_id, name=f"account {row.account_id}", origin=guest.origin)
