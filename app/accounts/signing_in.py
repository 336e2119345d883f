"""Signing in: a try is counted and committed, then the password is checked outside any transaction, then the outcome is written.

Whatever went wrong, the answer is the same: who asks doesn't learn whether the address is known, locked, suspended or wrong (A15).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from app.accounts import banner, blocklist, browsers, factors, hooks, passwords, sessions, throttle
from app.accounts.factors import CAP, Door
from app.accounts.models import STRONG, Account, Factor, SessionLevel, SignInSession
from app.accounts.passkeys import showing
from app.accounts.recovery import replace_used
from app.accounts.terms import acceptance
from app.accounts.words import words_against
from app.core import access, audit
from app.core.access import Actor, Origin
from app.core.email import normalise


@dataclass(frozen=True, slots=True)
class Try:
    """What someone typed, from where, and the session that their browser had before."""

    address: str
    password: str
    origin: Origin
    browser: str
    now: dt.datetime
    former: int | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """A session that has shown the password alone, and the request that goes on from there."""

    account_id: int
    session_id: int
    origin: Origin
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Onward:
    """The cookie's new token; how far the session is; how many tries had failed since the sign-in before; and the recovery code, in
    clear this once, that takes the place of one that was used."""

    token: str
    level: SessionLevel = SessionLevel.FULL
    failed_before: int = 0
    fresh_code: str = ""


def canonical(address: str) -> str:
    """One key for one mailbox, also where what was typed is no address at all."""
    try:
        return normalise(address)
    except ValueError:
        return address.strip().casefold()


def address_key(address: str) -> bytes:
    return throttle.key_of("password", canonical(address))


def _keys(tried: Try) -> tuple[bytes, bytes, bytes]:
    network = throttle.network_of(tried.origin.address)
    return throttle.key_of("everyone", ""), throttle.key_of("network", network), address_key(tried.address)


def with_password(door: Door, tried: Try) -> str | None:
    """The token of a session that has shown the password alone; None for every kind of refusal."""
    account, is_free = _count(door, tried)
    is_usable = account is not None and is_free and account.disabled_at is None and account.password_failures < CAP
    stored = account.password_hash if account is not None and is_usable else None
    if not passwords.verify(tried.password, stored) or account is None or stored is None:
        reason = "locked" if not is_free else "unknown" if account is None else "password" if is_usable else "disabled"
        _refuse(door, account, tried, reason)
        return None
    if passwords.needs_rehash(stored):
        stored = passwords.hashed(tried.password)
    must_renew = _is_weak_now(door, account, tried.password)
    with door.db.write() as session:
        if hooks.may_enter(session.connection(), account.id):
            session.execute(update(Account).where(Account.id == account.id).values(password_hash=stored))
            return _let_through(session, account, tried, must_renew)
    _refuse(door, account, tried, "gate")
    return None


def _count(door: Door, tried: Try) -> tuple[Account | None, bool]:
    """Count the try. A locked network's tries are not counted against the address: nobody is locked out from there."""
    limits = (throttle.EVERYONE, throttle.NETWORK, door.person_limit)
    with door.db.write() as session:
        is_free = all(throttle.take(session, key, limit, tried.now) for key, limit in zip(_keys(tried), limits, strict=True))
        return session.scalars(select(Account).where(Account.email == canonical(tried.address))).first(), is_free


def _is_weak_now(door: Door, account: Account, password: str) -> bool:
    """Look at the password again where the block list is not the one it was last looked at with (A4)."""
    if account.blocklist_version == blocklist.current().version:
        return False
    with door.db.read() as conn:
        words = words_against(conn, account.id, account.email, door.settings)
    return passwords.weakness(password, words, door.min_length) is not None


def _let_through(session: Session, account: Account, tried: Try, must_renew: bool) -> str:
    everyone, network, address = _keys(tried)
    throttle.give_back(session, everyone)
    throttle.give_back(session, network)
    throttle.forget(session, address)
    values = {"password_failures": 0} if must_renew else {"password_failures": 0, "blocklist_version": blocklist.current().version}
    session.execute(update(Account).where(Account.id == account.id).values(**values))
    if tried.former is not None:
        sessions.end(session, tried.former, tried.now)
    place = sessions.Place(tried.origin.address, tried.browser)
    session_id, token = sessions.begin(session, account.id, tried.now, place, must_renew)
    actor = actor_of(session, account.id, replace(tried.origin, session_id=session_id))
    audit.record(session, actor, "sign_in.password", ("account", account.id), banner=banner.VERSION)
    return token


def _refuse(door: Door, account: Account | None, tried: Try, reason: str) -> None:
    """The same writes whether the address is known or not."""
    account_id = account.id if account is not None else 0
    checked = 1 if reason == "password" else 0
    with door.db.write() as session:
        session.execute(
            update(Account)
            .where(Account.id == account_id)
            .values(failed_since=Account.failed_since + 1, password_failures=Account.password_failures + checked)
        )
        nobody = access.system("sign-in").seen_from(tried.origin)
        audit.record(
            session,
            nobody,
            "sign_in.refuse",
            ("account", account_id or None),
            outcome="refused",
            reason=reason,
            banner=banner.VERSION,
            browser=browsers.named(tried.browser),
        )


def actor_of(session: Session, account_id: int, origin: Origin) -> Actor:
    return Actor(id=account_id, name=hooks.person(session.connection(), account_id).name, origin=origin)


def with_factor(door: Door, half: Half, code: str) -> Onward | None:
    """Raise the session with a code of the authenticator app or a recovery code; None if it is refused."""
    with door.db.write() as session:
        shown = factors.check(door, session, half.account_id, code, half.now)
        if shown is None or not hooks.may_enter(session.connection(), half.account_id):
            note(session, half, "sign_in.refuse", "refused", reason="factor")
            return None
        note(session, half, "sign_in.factor", kind=shown)
        done = onward(door, session, half, shown)
        fresh = replace_used(session, half.account_id) if shown == Factor.RECOVERY else ""
        return replace(done, fresh_code=fresh) if done is not None else None


def onward(door: Door, session: Session, half: Half, shown: Factor) -> Onward | None:
    """Both factors were shown. What comes before the session is whole: a new password, a passkey where a role asks for one (A2), a
    retired member's own address (V12), new rules of use."""
    sessions.show(session, half.session_id, shown)
    if session.scalar(select(SignInSession.must_renew).where(SignInSession.id == half.session_id)):
        return _held(session, half, SessionLevel.RENEW)
    if shown not in STRONG and hooks.needs_passkey(session.connection(), half.account_id):
        return _held(session, half, SessionLevel.PASSKEY)
    if hooks.lacks_address(session.connection(), half.account_id):
        return _held(session, half, SessionLevel.ADDRESS)
    if acceptance.is_due(session.connection(), door.settings, half.account_id):
        return _held(session, half, SessionLevel.TERMS)
    return finish(door, session, half)


def go_on(door: Door, session: Session, half: Half) -> Onward | None:
    """What the session waited for is done: go on with what it has shown."""
    shown = session.execute(select(SignInSession.factor).where(SignInSession.id == half.session_id)).scalar_one()
    return onward(door, session, half, Factor(shown))


def renewed(door: Door, session: Session, half: Half) -> Onward | None:
    """The new password is set: go on with what the session has shown."""
    values = update(SignInSession).where(SignInSession.id == half.session_id).values(must_renew=False)
    shown = session.execute(values.returning(SignInSession.factor)).scalar_one()
    return onward(door, session, half, Factor(shown))


def _held(session: Session, half: Half, level: SessionLevel) -> Onward | None:
    token = sessions.hold(session, half.session_id, level, half.now)
    return Onward(token, level) if token else None


def finish(door: Door, session: Session, half: Half) -> Onward | None:
    """Make the session whole; remember the sign-in before this one, to be told to the member (A17)."""
    is_whole = hooks.may_sign_in(session.connection(), half.account_id)
    level = SessionLevel.FULL if is_whole else SessionLevel.RETURN
    token = sessions.raise_to_full(session, half.session_id, half.now, door.limits, level)
    account = session.get(Account, half.account_id, with_for_update=True)
    if token is None or account is None:
        return None
    before, failed = account.last_sign_in_at, account.failed_since
    session.execute(update(SignInSession).where(SignInSession.id == half.session_id).values(before_at=before, failed_before=failed))
    account.last_sign_in_at, account.failed_since = half.now, 0
    note(session, half, "sign_in.finish", failed_before=failed)
    return Onward(token, level, failed)


def step_up(door: Door, half: Half, code: str) -> str | None:
    """A whole session shows its second factor again: its new token, or None. Where a role asks for a passkey, no code will do (A2)."""
    with door.db.write() as session:
        if showing.must_show(session.connection(), half.account_id):
            note(session, half, "session.step_up", "refused", reason="passkey")
            return None
        shown = factors.check(door, session, half.account_id, code, half.now)
        if shown is None:
            note(session, half, "session.step_up", "refused")
            return None
        return stepped_up(session, half, shown)


def stepped_up(session: Session, half: Half, shown: Factor) -> str:
    note(session, half, "session.step_up", kind=shown)
    return sessions.step_up(session, half.session_id, half.now, shown)


def is_held(conn: Connection | Session, half: Half, level: SessionLevel = SessionLevel.RENEW) -> bool:
    """Whether this session waits for this and nothing else."""
    return conn.execute(select(SignInSession.level).where(SignInSession.id == half.session_id)).scalar() == level


def note(session: Session, half: Half, verb: str, outcome: str = "done", **detail: str | int) -> None:
    actor = actor_of(session, half.account_id, replace(half.origin, session_id=half.session_id))
    audit.record(session, actor, verb, ("account", half.account_id), outcome=outcome, **detail)
