"""A passkey is shown: the challenge is taken and committed first, the signature is checked outside any transaction, then it counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.orm import Session

from app.accounts import hooks
from app.accounts.factors import Door
from app.accounts.models import Account, Authenticator
from app.accounts.passkeys import ceremony, challenges
from app.accounts.passkeys.ceremony import Known, Party, Proof, Unusable
from app.accounts.passkeys.models import Passkey, Purpose


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent in answer to a challenge, and the hash of the cookie it came with."""

    credential: str
    holder: bytes
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was proved; `counts` makes it count."""

    account_id: int
    authenticator_id: int
    name: str
    proof: Proof


def mine(account_id: int) -> tuple[object, ...]:
    """The condition for an account's passkeys that work."""
    return (Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None), Authenticator.disabled_at.is_(None))


def known(conn: Connection, account_id: int) -> list[Known]:
    p = Passkey
    statement = select(p.credential_id, p.transports).join(Authenticator, Authenticator.id == p.authenticator_id)
    return [Known(row.credential_id, row.transports) for row in conn.execute(statement.where(*mine(account_id)).order_by(Authenticator.id))]  # type: ignore[arg-type]


def has_one(conn: Connection, account_id: int) -> bool:
    return bool(known(conn, account_id))


def must_show(conn: Connection, account_id: int) -> bool:
    """Whether nothing but a passkey will do: the member's role asks for one, and they have one (A2)."""
    return hooks.needs_passkey(conn, account_id) and has_one(conn, account_id)


def prove(door: Door, sent: Sent) -> Shown:
    """Whose passkey this is. Unusable for everything that proves nothing; the challenge is used up either way."""
    answer = ceremony.read(sent.credential)
    with door.db.write() as session:
        given = challenges.take(session, sent.holder, Purpose.SHOW, answer.challenge, sent.now)
        row = session.execute(_KNOWN.where(Passkey.credential_id == answer.credential_id)).first()
    if given is None:
        raise Unusable("challenge")
    if row is None or (answer.user_handle and answer.user_handle != row.user_handle):
        raise Unusable("unknown")
    proof = ceremony.verify_shown(Party.of(door.settings), answer, given.challenge, row.public_key)
    return Shown(row.account_id, row.id, row.name, proof)


_KNOWN = (
    select(Authenticator.id, Authenticator.account_id, Authenticator.name, Passkey.public_key, Passkey.user_handle)
    .join(Passkey, Passkey.authenticator_id == Authenticator.id)
    .join(Account, Account.id == Authenticator.account_id)
    .where(Authenticator.confirmed_at.is_not(None), Authenticator.disabled_at.is_(None), Account.disabled_at.is_(None))
)


def counts(session: Session, shown: Shown, now: dt.datetime) -> bool:
    """Move its counter on. False if the counter went back: then there is a copy of this passkey somewhere."""
    count = shown.proof.sign_count
    quiet = {"synchronize_session": False}
    moved = session.execute(
        update(Passkey)
        .where(
            Passkey.authenticator_id == shown.authenticator_id, or_(Passkey.sign_count < count, (Passkey.sign_count == 0) & (count == 0))
        )
        .values(sign_count=count, is_backed_up=shown.proof.is_backed_up)
        .returning(Passkey.authenticator_id)
        .execution_options(**quiet)
    )
    if moved.first() is None:
        return False
    used = update(Authenticator).where(Authenticator.id == shown.authenticator_id).values(last_used_at=now, failures=0)
    session.execute(used.execution_options(**quiet))
    return True
