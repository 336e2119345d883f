"""Ending access: sessions one by one or all, tokens, links; and what an administrator locks and releases (A11, A17)."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts import sessions, throttle
from app.accounts.access import my_session
from app.accounts.factors import factor_key
from app.accounts.models import Account, Authenticator, BearerToken, Enrolment, KeptForm
from app.accounts.signing_in import address_key
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound


def _require_own_or_admin(actor: Actor, account_id: int) -> None:
    if actor.id != account_id and not actor.may(Right.ADMIN):
        raise Forbidden


def end_sessions(session: Session, actor: Actor, account_id: int, but: int | None = None) -> int:
    """End an account's sessions, but perhaps one: one's own, or anyone's by an administrator or the system. How many were open."""
    _require_own_or_admin(actor, account_id)
    ended = sessions.end_all(session, account_id, clock.now(), but)
    audit.record(session, actor, "session.end_all", ("account", account_id), ended=ended)
    return ended


def end_one_session(session: Session, actor: Actor, session_id: int) -> None:
    """End one of one's own sessions."""
    row = my_session(session, actor, session_id)
    sessions.end(session, row.id, clock.now())
    audit.record(session, actor, "session.end", ("session", row.id))


def end_tokens(session: Session, account_id: int) -> int:
    """End all of an account's tokens; how many were live. Who may, the caller has asked."""
    mine = update(BearerToken).where(BearerToken.account_id == account_id, BearerToken.revoked_at.is_(None))
    return len(session.execute(mine.values(revoked_at=clock.now()).returning(BearerToken.id)).all())


def sign_out_everywhere(session: Session, actor: Actor, account_id: int) -> tuple[int, int]:
    """The panic button: every session and every token ends with this transaction, for all processes, as each asks the database at
    each request. How many sessions and tokens there were."""
    _require_own_or_admin(actor, account_id)
    ended = end_sessions(session, actor, account_id), end_tokens(session, account_id)
    audit.record(session, actor, "account.sign_out_everywhere", ("account", account_id), sessions=ended[0], tokens=ended[1])
    return ended


def end_access(session: Session, actor: Actor, account_id: int) -> None:
    """Close every way in at once: sessions, tokens, enrolment links, forms kept for later. For whom leaves or is suspended."""
    now = clock.now()
    _, ended = sign_out_everywhere(session, actor, account_id)
    session.execute(update(Enrolment).where(Enrolment.account_id == account_id, Enrolment.used_at.is_(None)).values(used_at=now))
    session.execute(delete(KeptForm).where(KeptForm.account_id == account_id))
    audit.record(session, actor, "account.end_access", ("account", account_id), tokens=ended)


def release(session: Session, actor: Actor, account_id: int) -> None:
    """Unlock an account after too many failures: password and authenticators that only the failures had disabled (A6)."""
    account = _account(session, actor, account_id)
    throttle.forget(session, address_key(account.email), factor_key(account_id))
    account.password_failures = 0
    session.execute(update(Authenticator).where(Authenticator.account_id == account_id).values(failures=0, disabled_at=None))
    audit.record(session, actor, "account.release", ("account", account_id))


def disable(session: Session, actor: Actor, account_id: int) -> None:
    """Nobody signs in to this account any more, whatever they show."""
    _account(session, actor, account_id).disabled_at = clock.now()
    end_access(session, actor, account_id)
    audit.record(session, actor, "account.disable", ("account", account_id))


def enable(session: Session, actor: Actor, account_id: int) -> None:
    _account(session, actor, account_id).disabled_at = None
    audit.record(session, actor, "account.enable", ("account", account_id))


def _account(session: Session, actor: Actor, account_id: int) -> Account:
    actor.require(Right.ADMIN)
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound
    return account
