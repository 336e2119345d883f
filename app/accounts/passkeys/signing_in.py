"""What a passkey opens: a whole session in one tap, the second step after a password, and a fresh confirmation (step-up).

Whatever is wrong with a passkey, the answer is the same, and the reason stands in the log (A15).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.accounts import banner, hooks, notices, sessions, signing_in, throttle
from app.accounts.factors import Door, factor_key
from app.accounts.models import Account, Factor
from app.accounts.passkeys import showing
from app.accounts.passkeys.ceremony import Unusable
from app.accounts.passkeys.showing import Sent, Shown
from app.accounts.signing_in import Half, Onward
from app.core import access, audit
from app.core.access import Origin

COPIED = "The passkey “{name}” was refused: its counter went back, so there may be a copy of it. If in doubt, remove it and add a new one."


@dataclass(frozen=True, slots=True)
class Tap:
    """Who taps: from where, in which browser, and the session that it had before."""

    origin: Origin
    browser: str
    now: dt.datetime
    former: int | None = None


def one_tap(door: Door, sent: Sent, tap: Tap) -> Onward | None:
    """A whole session for the owner of the passkey, who agreed to the banner. A locked password stands in nobody's way (framing 3)."""
    network = throttle.key_of("passkey", throttle.network_of(tap.origin.address))
    with door.db.write() as session:
        is_free = throttle.take(session, network, throttle.NETWORK, tap.now)
    try:
        if not is_free:
            raise Unusable("locked")
        shown = showing.prove(door, sent)
    except Unusable as reason:
        _refuse(door, tap.origin, str(reason))
        return None
    with door.db.write() as session:
        half = Half(shown.account_id, 0, tap.origin, tap.now)
        if not _is_good(session, half, shown):
            return None
        throttle.give_back(session, network)
        return _whole(door, session, half, tap)


def _whole(door: Door, session: Session, half: Half, tap: Tap) -> Onward | None:
    _release(door, session, half.account_id)
    if tap.former is not None:
        sessions.end(session, tap.former, tap.now)
    session_id, _ = sessions.begin(session, half.account_id, tap.now, sessions.Place(tap.origin.address, tap.browser))
    here = replace(half, session_id=session_id)
    signing_in.note(session, here, "sign_in.passkey", banner=banner.VERSION)
    return signing_in.onward(door, session, here, Factor.PASSKEY)


def second(door: Door, sent: Sent, half: Half) -> Onward | None:
    """After the password: the passkey of the same account."""
    shown = _of_the_same(door, sent, half, "sign_in.refuse")
    if shown is None:
        return None
    with door.db.write() as session:
        if not _is_good(session, half, shown):
            return None
        _release(door, session, half.account_id)
        signing_in.note(session, half, "sign_in.factor", kind=Factor.PASSKEY)
        return signing_in.onward(door, session, half, Factor.PASSKEY)


def step_up(door: Door, sent: Sent, half: Half) -> str | None:
    """A whole session shows a passkey: its new token, or None."""
    shown = _of_the_same(door, sent, half, "session.step_up")
    if shown is None:
        return None
    with door.db.write() as session:
        return signing_in.stepped_up(session, half, Factor.PASSKEY) if _is_good(session, half, shown) else None


def _of_the_same(door: Door, sent: Sent, half: Half, verb: str) -> Shown | None:
    try:
        shown = showing.prove(door, sent)
        if shown.account_id != half.account_id:
            raise Unusable("another account's")
    except Unusable as reason:
        with door.db.write() as session:
            signing_in.note(session, half, verb, "refused", reason=str(reason))
        return None
    return shown


def _is_good(session: Session, half: Half, shown: Shown) -> bool:
    """Whether this account may sign in at this moment, and its passkey's counter went on."""
    if not hooks.may_enter(session.connection(), half.account_id):
        signing_in.note(session, half, "sign_in.refuse", "refused", reason="gate")
        return False
    if not showing.counts(session, shown, half.now):
        signing_in.note(session, half, "sign_in.refuse", "refused", reason="counter", authenticator=shown.authenticator_id)
        notices.tell(session, signing_in.actor_of(session, half.account_id, half.origin), half.account_id, COPIED.format(name=shown.name))
        return False
    return True


def _release(door: Door, session: Session, account_id: int) -> None:
    """Tries that had failed are forgiven, but where an administrator alone releases (`strict`)."""
    throttle.forget(session, factor_key(account_id))
    if door.settings.profile == "standard":
        account = session.get_one(Account, account_id)
        throttle.forget(session, signing_in.address_key(account.email))


def _refuse(door: Door, origin: Origin, reason: str) -> None:
    with door.db.write() as session:
        nobody = access.system("sign-in").seen_from(origin)
        audit.record(session, nobody, "sign_in.refuse", ("account", None), outcome="refused", reason=reason, banner=banner.VERSION)
