"""This was not me (A10): every session and token ends, what was changed is held, and those who run the association are told.

Who presses the button need not be the owner: a thief may read the mailbox, too. So it only ever takes away, and never lets anybody in.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts import hooks, notices, sessions
from app.accounts.addresses import operations as addresses
from app.accounts.disavow.models import Disavowal
from app.accounts.factors import CAP
from app.accounts.models import Account, Authenticator, Enrolment, RecoveryCode
from app.accounts.operations.access_ends import end_tokens
from app.accounts.recover.models import Recovery
from app.core import audit, clock
from app.core.access import Actor, Origin
from app.core.errors import NotFound
from app.core.signing import token_hash


class Dead(NotFound):
    def __init__(self) -> None:
        super().__init__("This link was used already, or is older than seven days, or was never ours. Call the association office instead.")


def disavow(session: Session, origin: Origin, token: str) -> None:
    now = clock.now()
    found = select(Disavowal).where(Disavowal.token_hash == token_hash(token)).with_for_update()
    link = session.scalars(found).first()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise Dead
    link.used_at = now
    actor = Actor(id=link.account_id, name=hooks.person(session.connection(), link.account_id).name, may_write=False, origin=origin)
    _close(session, link.account_id)
    _hold(session, actor, link)
    audit.record(session, actor, "account.disavow", ("account", link.account_id), kind=link.kind, held=link.subject_id)
    hooks.alarm(session, link.account_id, link.what)
    notices.tell(session, actor, link.account_id, "Somebody pressed “This was not me”. All sessions and tokens ended.", undo=None)


def _close(session: Session, account_id: int) -> None:
    """Every way in that is open or on its way: sessions, tokens, enrolment and recovery links."""
    now = clock.now()
    sessions.end_all(session, account_id, now)
    end_tokens(session, account_id)
    session.execute(update(Enrolment).where(Enrolment.account_id == account_id, Enrolment.used_at.is_(None)).values(used_at=now))
    session.execute(update(Recovery).where(Recovery.account_id == account_id, Recovery.used_at.is_(None)).values(used_at=now))


def _hold(session: Session, actor: Actor, link: Disavowal) -> None:
    account_id, subject = link.account_id, link.subject_id
    if link.kind == "password":  # as after a hundred wrong tries: it opens nothing until it is set anew
        session.execute(update(Account).where(Account.id == account_id).values(password_failures=CAP))
    elif link.kind == "authenticator":
        session.execute(update(Enrolment).where(Enrolment.authenticator_id == subject).values(authenticator_id=None))
        session.execute(delete(Authenticator).where(Authenticator.id == subject, Authenticator.account_id == account_id))
    elif link.kind == "recovery_codes":
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    elif link.kind == "address":
        addresses.take_back(session, actor, subject)
    elif link.kind == "primary":
        addresses.make_first_again(session, actor, subject)
    elif link.kind == "recovery" and subject is not None:
        hooks.hold_recovery(session, actor, subject)
