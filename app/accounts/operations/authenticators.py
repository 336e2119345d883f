"""Authenticators and recovery codes of someone who is signed in. Each change is told by mail (A10)."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts import hooks, notices, totp
from app.accounts.access import my_authenticator
from app.accounts.disavow.links import Undo
from app.accounts.models import Account, Authenticator, AuthenticatorKind, Enrolment
from app.accounts.recovery import replace_codes
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid, NotFound
from app.core.signing import Signer

MAX_AUTHENTICATORS = 10
_KIND: dict[str, str] = {AuthenticatorKind.TOTP: "An authenticator app", AuthenticatorKind.PASSKEY: "A passkey"}
WRONG_CODE = "That code is not right. Wait for the next one; check that your phone sets its clock by itself."


def new_authenticator(session: Session, signer: Signer, account_id: int, name: str) -> Authenticator:
    """One that opens nothing until a code of it was shown. One that was begun before and left is dropped."""
    session.execute(update(Enrolment).where(Enrolment.account_id == account_id).values(authenticator_id=None))
    session.execute(delete(Authenticator).where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_(None)))
    made = Authenticator(
        account_id=account_id, kind=AuthenticatorKind.TOTP, name=name[:100], sealed_secret=totp.seal(signer, totp.new_secret()),
        created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def confirm(signer: Signer, authenticator: Authenticator, code: str) -> bool:
    """Whether this is a present code of it; then it is live, and that code is used up."""
    step = totp.matching_step(totp.unseal(signer, authenticator.sealed_secret), "".join(code.split()), clock.now())
    if step is None:
        return False
    authenticator.confirmed_at = authenticator.last_used_at = clock.now()
    authenticator.last_step = step
    return True


def add_authenticator(session: Session, actor: Actor, signer: Signer, name: str) -> int:
    """Begin to add one; its id. `confirm_authenticator` makes it live."""
    live = select(func.count()).select_from(Authenticator).where(Authenticator.account_id == actor.member_id)
    if (session.scalar(live) or 0) >= MAX_AUTHENTICATORS:
        raise Invalid(name=f"There are {MAX_AUTHENTICATORS} authenticators already. Remove one first.")
    made = new_authenticator(session, signer, actor.member_id, name)
    audit.record(session, actor, "authenticator.begin", ("authenticator", made.id))
    return made.id


def confirm_authenticator(session: Session, actor: Actor, signer: Signer, authenticator_id: int, code: str) -> None:
    row = my_authenticator(session, actor, authenticator_id)
    if row.confirmed_at is not None:
        raise NotFound
    if not confirm(signer, row, code):
        raise Invalid(code=WRONG_CODE)
    audit.record(session, actor, "authenticator.add", ("authenticator", row.id))
    notices.tell(session, actor, actor.member_id, f"An authenticator app was added: {row.name}.", Undo("authenticator", row.id))


def remove_authenticator(session: Session, actor: Actor, authenticator_id: int) -> None:
    """Never the last that works: then nobody could sign in. The account's row is locked, so that two can't remove each other."""
    session.get(Account, actor.member_id, with_for_update=True)
    row = my_authenticator(session, actor, authenticator_id)
    others = select(func.count()).select_from(Authenticator)
    others = others.where(
        Authenticator.account_id == actor.member_id, Authenticator.id != row.id, Authenticator.confirmed_at.is_not(None),
        Authenticator.disabled_at.is_(None),
    )  # fmt: skip
    if row.confirmed_at is not None and not session.scalar(others):
        raise Conflict("This is your only authenticator. Add another one first.")
    if row.kind == AuthenticatorKind.PASSKEY and not session.scalar(others.where(Authenticator.kind == AuthenticatorKind.PASSKEY)):
        _require_no_duty(session, actor)
    session.execute(update(Enrolment).where(Enrolment.authenticator_id == row.id).values(authenticator_id=None))
    session.delete(row)
    audit.record(session, actor, "authenticator.remove", ("authenticator", row.id))
    notices.tell(session, actor, actor.member_id, f"{_KIND[row.kind]} was removed: {row.name}.")


def _require_no_duty(session: Session, actor: Actor) -> None:
    if hooks.needs_passkey(session.connection(), actor.member_id):
        raise Conflict("Your role asks for a passkey, or you are a retired member, and this is your only one. Add another passkey first.")


def rename_authenticator(session: Session, actor: Actor, authenticator_id: int, name: str) -> None:
    row = my_authenticator(session, actor, authenticator_id)
    before, row.name = row.name, name[:100]
    audit.record(session, actor, "authenticator.rename", ("authenticator", row.id))
    notices.tell(session, actor, actor.member_id, f"{_KIND[row.kind]} has another name: {before} is now {row.name}.")


def renew_recovery_codes(session: Session, actor: Actor) -> list[str]:
    """Ten new codes, in clear this once; the old ones are dead."""
    made = replace_codes(session, actor.member_id)
    audit.record(session, actor, "recovery_codes.renew", ("account", actor.member_id))
    notices.tell(session, actor, actor.member_id, "New recovery codes were made. The earlier ones no longer work.", Undo("recovery_codes"))
    return made
