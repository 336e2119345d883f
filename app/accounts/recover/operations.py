"""Getting back in (A9). A mailed link is one code and never enough: it takes a second one by another way, or reviewers who call.

`ask` answers everybody alike. `reset` is the short way: the link and a saved recovery code, or the link and a code of the
authenticator app. Who has neither opens a case, which is membership's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts import codes, factors, notices, sessions, throttle
from app.accounts.addresses import access as addresses
from app.accounts.disavow.links import Undo
from app.accounts.factors import Door
from app.accounts.models import Account
from app.accounts.operations.access_ends import end_tokens
from app.accounts.operations.password import set_password, strong
from app.accounts.recover import access, letters
from app.accounts.recover.access import TRIES
from app.accounts.recover.models import Recovery
from app.accounts.recovery import replace_codes
from app.accounts.signing_in import address_key
from app.core import audit, clock
from app.core.access import Actor, Origin, system
from app.core.errors import Invalid, TooMany
from app.core.signing import new_token, token_hash

LIVES = dt.timedelta(hours=24)
LETTERS = 3  # to one address in a day
FROM_NETWORK = 20  # requests from one network in an hour
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WRONG_CODE = f"That code is not right, or it was used already. After {TRIES} wrong codes this link no longer works."


@dataclass(frozen=True, slots=True)
class Proof:
    """What someone shows who holds the link: the second code, and the password that they want."""

    token: str
    code: str
    password: str
    origin: Origin


def ask(session: Session, origin: Origin, address: str, new_address: str = "") -> str:
    """Take a request and write to the mailbox; the code to be shown on the screen. The same for every address (A15). With a new address
    for who has no mailbox left, the letter goes there alone, and leads to the reviewers and nowhere else."""
    if new_address == address:
        raise Invalid(new_email="This is the same address. Leave it empty, or write one that you can read.")
    now = clock.now()
    _count_network(session, origin, now)
    account_id = addresses.owner_of(session, address)
    if account_id is not None and not access.may_recover(session.connection(), account_id):
        account_id = None
    token, code = new_token(), codes.new_enrolment_code()
    session.add(
        Recovery(
            account_id=account_id, email=address if account_id is not None or new_address else "", new_email=new_address,
            token_hash=token_hash(token), code_hash=codes.code_hash(code), address=origin.address, created_at=now, expires_at=now + LIVES,
        )
    )  # fmt: skip
    if throttle.counted(session, f"recover address {new_address or address}", DAY, now) <= LETTERS:
        if new_address:
            letters.new_address(session, new_address, token)
        else:
            _write_to(session, address, account_id, token)
    audit.record(session, system("recovery").seen_from(origin), "recovery.ask", ("account", account_id))
    return code


def _count_network(session: Session, origin: Origin, now: dt.datetime) -> None:
    """Who asks too often is told so; it depends on the network alone, never on what was typed."""
    if throttle.counted(session, f"recover network {throttle.network_of(origin.address)}", HOUR, now) > FROM_NETWORK:
        raise TooMany("Many requests came from your network in the last hour. Please try again later.", retry_after=3600)


def _write_to(session: Session, address: str, account_id: int | None, token: str) -> None:
    if account_id is None:
        letters.nothing_here(session, address, token)
    else:
        letters.link(session, address, account_id, token)


def reset(door: Door, proof: Proof) -> list[str]:
    """Set a new password by two codes of different ways. All sessions and tokens end. Recovery codes are made anew where one of
    them was used: then they are returned, in clear this once."""
    with door.db.read() as conn:
        account_id = access.live(conn, proof.token, clock.now())
    hashed = strong(door, account_id, proof.password)
    with door.db.write() as session:
        row = access.live_locked(session, proof.token, clock.now())
        shown = factors.check(door, session, account_id, proof.code, clock.now())
        actor = Actor(id=account_id, name=f"account {account_id}", origin=proof.origin)
        if shown is not None:
            row.used_at = clock.now()
            return _take_over(session, actor, hashed, shown)
        row.failures += 1
        audit.record(session, actor, "account.recover", ("account", account_id), outcome="refused", failures=row.failures)
    raise Invalid(code=WRONG_CODE)


def _take_over(session: Session, actor: Actor, hashed: str, shown: str) -> list[str]:
    account_id = actor.member_id
    set_password(session, actor, account_id, hashed)
    throttle.forget(session, address_key(session.get_one(Account, account_id).email))
    sessions.end_all(session, account_id, clock.now())
    end_tokens(session, account_id)
    audit.record(session, actor, "account.recover", ("account", account_id), kind=shown)
    way = "a saved recovery code" if shown == "recovery" else "a code of your authenticator app"
    what = f"Your password was set anew, by a link in a letter and {way}. All sessions and tokens ended."
    notices.tell(session, actor, account_id, what, Undo("password"))
    return replace_codes(session, account_id) if shown == "recovery" else []


def use_up(session: Session, token: str) -> Recovery:
    """For the case that membership opens: the link is spent; its row says whose sign-in it is (none: nobody's),
    and which code was shown."""
    row = access.live_locked(session, token, clock.now(), for_case=True)
    row.used_at = clock.now()
    return row
