"""Sessions: begun, raised when the second factor was shown, seen, stepped up, ended. A token is new at every step (A11)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import STRONG, Factor, KeptForm, SessionLevel, SignInSession
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
ADDRESS_STEP = dt.timedelta(hours=1)  # both were shown, and a letter with a code is on its way
KEPT_FORMS = 20  # an account's newest; nobody types more than that while signed out


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is begun: the network's address and the browser's name for itself."""

    address: str = ""
    browser: str = ""


def begin(session: Session, account_id: int, now: dt.datetime, place: Place, must_renew: bool = False) -> tuple[int, str]:
    """A session that has shown the password alone; its id and the cookie's token."""
    token = new_token()
    begun = SignInSession(
        account_id=account_id, token_hash=token_hash(token), level=SessionLevel.PASSWORD, created_at=now, last_seen_at=now,
        expires_at=now + PASSWORD_STEP, address=place.address, browser=place.browser[:200], must_renew=must_renew,
    )  # fmt: skip
    session.add(begun)
    session.flush()
    return begun.id, token


def raise_to_full(
    session: Session, session_id: int, now: dt.datetime, limits: Limits, level: SessionLevel = SessionLevel.FULL
) -> str | None:
    """After the second factor: a new token, the old one dead at once. None if the session was raised or ended meanwhile."""
    token = new_token()
    raised = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.level != SessionLevel.FULL, SignInSession.ended_at.is_(None))
        .values(
            token_hash=token_hash(token), level=level, created_at=now, last_seen_at=now,
            expires_at=now + limits.absolute, stepped_up_at=now,
        )
        .returning(SignInSession.id)
    )  # fmt: skip
    return token if raised.first() else None


def hold(session: Session, session_id: int, level: SessionLevel, now: dt.datetime) -> str | None:
    """The second factor was shown, but something comes before this session opens anything: a new password, a passkey, an
    address."""
    token, lives = new_token(), ADDRESS_STEP if level == SessionLevel.ADDRESS else PASSWORD_STEP
    held = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.level != SessionLevel.FULL, SignInSession.ended_at.is_(None))
        .values(token_hash=token_hash(token), level=level, last_seen_at=now, expires_at=now + lives)
        .returning(SignInSession.id)
    )
    return token if held.first() else None


def show(session: Session, session_id: int, factor: Factor) -> None:
    """Remember what was shown. A passkey stays the strongest: what is shown after it takes nothing away."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.factor.not_in(STRONG))
        .values(factor=factor)
        .execution_options(synchronize_session=False)
    )


def step_up(session: Session, session_id: int, now: dt.datetime, factor: Factor) -> str:
    """The second factor was shown again: a new token, good for sensitive acts for five minutes."""
    token = new_token()
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(token_hash=token_hash(token), stepped_up_at=now, last_seen_at=now)
    )
    show(session, session_id, factor)
    return token


def rotate(session: Session, session_id: int) -> str:
    """A new token for the same session, after its password or authenticators changed."""
    token = new_token()
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(token_hash=token_hash(token)))
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


def drop_form(session: Session, account_id: int, form_id: int) -> None:
    """Forget a kept form of this account: it was sent at last, or is not wanted any more."""
    session.execute(delete(KeptForm).where(KeptForm.id == form_id, KeptForm.account_id == account_id))
