"""Adding a passkey: by who is signed in, by staff who must have one before their session is whole, and at enrolment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import notices
from app.accounts.disavow.links import Undo
from app.accounts.factors import Door
from app.accounts.models import Authenticator, AuthenticatorKind
from app.accounts.passkeys import ceremony, challenges
from app.accounts.passkeys.ceremony import Made, Party, Unusable
from app.accounts.passkeys.models import Passkey, Purpose
from app.accounts.passkeys.showing import Sent
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Invalid

MOST = 10  # authenticators of one account, of all kinds
UNUSABLE = "Your device's answer could not be used. Try again."
TAKEN = "This passkey is known already. Use another device, or remove the old one first."


@dataclass(frozen=True, slots=True)
class New:
    """A new passkey that was proved, and whose its device believes it to be."""

    made: Made
    user_handle: bytes


def prove(door: Door, sent: Sent) -> New:
    """Check the device's answer. Its challenge is used up first, whatever comes of it."""
    try:
        answer = ceremony.read(sent.credential)
        with door.db.write() as session:
            given = challenges.take(session, sent.holder, Purpose.ADD, answer.challenge, sent.now)
        if given is None:
            raise Unusable("challenge")
        return New(ceremony.verify_made(Party.of(door.settings), answer, given.challenge), given.user_handle)
    except Unusable:
        raise Invalid(credential=UNUSABLE) from None


def add_passkey(session: Session, actor: Actor, new: New, name: str) -> None:
    """One more for its owner. Who may, the caller has asked."""
    mine = select(func.count()).select_from(Authenticator).where(Authenticator.account_id == actor.member_id)
    if (session.scalar(mine) or 0) >= MOST:
        raise Invalid(name=f"There are {MOST} authenticators already. Remove one first.")
    added = store(session, actor.member_id, new, name)
    audit.record(session, actor, "authenticator.add", ("authenticator", added), kind=AuthenticatorKind.PASSKEY)
    notices.tell(session, actor, actor.member_id, f"A passkey was added: {name}.", Undo("authenticator", added))


def store(session: Session, account_id: int, new: New, name: str) -> int:
    """The passkey's authenticator, live at once. One that any account has already is refused (A8)."""
    if session.scalar(select(Passkey.authenticator_id).where(Passkey.credential_id == new.made.credential_id)) is not None:
        raise Invalid(credential=TAKEN)
    now, made = clock.now(), new.made
    row = Authenticator(
        account_id=account_id, kind=AuthenticatorKind.PASSKEY, name=name[:100], sealed_secret=b"", created_at=now, confirmed_at=now,
        last_used_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(
        Passkey(
            authenticator_id=row.id, credential_id=made.credential_id, public_key=made.public_key, user_handle=new.user_handle,
            sign_count=made.sign_count, transports=made.transports, is_synced=made.is_synced, is_backed_up=made.is_backed_up,
        )
    )  # fmt: skip
    try:
        session.flush()
    except IntegrityError:  # the same passkey, twice at the same moment
        raise Invalid(credential=TAKEN) from None
    return row.id
