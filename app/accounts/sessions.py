"""Sessions: begun, raised when the second factor was shown, seen, stepped up, ended. A token is new at every step (A11)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import KeptForm, SessionLevel, SignInSession
from app.core.signing import new_token, token_hash
from app.web.guard import Visit


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives: without activity, and at the most."""

    idle: dt.timedelta
    absolute: dt.timedelta


LIMITS = {
    "standard": Limits(dt.timedelta(hours=1), dt.timedelta(hours=24)),
    "strict": Limits(dt.timedelta(minutes=30), dt.timedelta(hours=12)),
}
PASSWORD_STEP = dt.timedelta(minutes=10)  # from the password to the second factor
KEPT_FORMS = 20  # an account's newest; nobody types more than that while signed out


def begin(session: Session, account_id: int, now: dt.datetime, address: str, browser: str) -> str:
    """A session that has shown the password alone; the cookie's token."""
    token = new_token()
    session.add(
        SignInSession(
            account_id=account_id, token_hash=token_hash(token), level=SessionLevel.PASSWORD, created_at=now, last_seen_at=now,
            expires_at=now + PASSWORD_STEP, address=address, browser=browser[:200],
        )
    )  # fmt: skip
    return token


def raise_to_full(session: Session, session_id: int, now: dt.datetime, limits: Limits) -> str:
    """After the second factor: a new token, the old one dead at once."""
    token = new_token()
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(
            token_hash=token_hash(token), level=SessionLevel.FULL, created_at=now, last_seen_at=now,
            expires_at=now + limits.absolute, stepped_up_at=now,
        )
    )  # fmt: skip
    return token


def step_up(session: Session, session_id: int, now: dt.datetime) -> str:
    """The second factor was shown again: a new token, good for sensitive acts for five minutes."""
    token = new_token()
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(token_hash=token_hash(token), stepped_up_at=now, last_seen_at=now)
    )
    return token


def touch(session: Session, visit: Visit, now: dt.datetime) -> None:
    session.execute(update(SignInSession).where(SignInSession.id == visit.session_id).values(last_seen_at=now))


def end(session: Session, session_id: int, now: dt.datetime) -> None:
    session.execute(update(SignInSession).where(SignInSession.id == session_id, SignInSession.ended_at.is_(None)).values(ended_at=now))


def end_all(session: Session, account_id: int, now: dt.datetime, but: int | None = None) -> int:
    """End all sessions of an account, but perhaps one; how many were open."""
    statement = update(SignInSession).where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
    if but is not None:
        statement = statement.where(SignInSession.id != but)
    return len(session.execute(statement.values(ended_at=now).returning(SignInSession.id)).all())


def keep_form(session: Session, account_id: int, path: str, fields: list[tuple[str, str]], now: dt.datetime) -> int:
    """Keep what was typed for after sign-in; the form's id. Only an account's newest few are kept."""
    kept = KeptForm(account_id=account_id, path=path[:300], fields=fields, created_at=now)
    session.add(kept)
    session.flush()
    old = select(KeptForm.id).where(KeptForm.account_id == account_id).order_by(KeptForm.id.desc()).offset(KEPT_FORMS)
    for form in session.execute(select(KeptForm).where(KeptForm.id.in_(old))).scalars():
        session.delete(form)
    return kept.id
