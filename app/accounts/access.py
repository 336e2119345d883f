"""The second fence for sessions, tokens, authenticators and kept forms: everyone reaches their own, and nobody else's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Authenticator, BearerToken, KeptForm, SignInSession
from app.core.access import Actor
from app.core.audit import AuditEvent
from app.core.errors import NotFound


def my_sessions(account_id: int) -> Select[SignInSession]:
    return select(SignInSession).where(SignInSession.account_id == account_id)


def my_tokens(account_id: int) -> Select[BearerToken]:
    return select(BearerToken).where(BearerToken.account_id == account_id)


def my_authenticators(account_id: int) -> Select[Authenticator]:
    return select(Authenticator).where(Authenticator.account_id == account_id)


_SIGN_INS = ("sign_in.finish", "sign_in.refuse")
_SIGN_IN: tuple[Any, ...] = (
    AuditEvent.id, AuditEvent.at, AuditEvent.outcome, AuditEvent.address, AuditEvent.detail, SignInSession.browser, SignInSession.factor,
)  # fmt: skip


def my_sign_ins(account_id: int, since: dt.datetime, before: int | None) -> Select[Any]:
    """What the log holds of signing in to one's own account, the newest first; the sessions, where they are still kept."""
    e = AuditEvent
    mine = (e.subject_kind == "account", e.subject_id == account_id, e.verb.in_(_SIGN_INS), e.at > since)
    statement = select(*_SIGN_IN).outerjoin(SignInSession, SignInSession.id == e.session_id).where(*mine).order_by(e.id.desc())
    return statement if before is None else statement.where(e.id < before)


def my_session(session: Session, actor: Actor, session_id: int) -> SignInSession:
    found = session.scalars(my_sessions(actor.member_id).where(SignInSession.id == session_id)).first()
    if found is None:
        raise NotFound
    return found


def my_token(session: Session, actor: Actor, token_id: int) -> BearerToken:
    found = session.scalars(my_tokens(actor.member_id).where(BearerToken.id == token_id)).first()
    if found is None:
        raise NotFound
    return found


def my_authenticator(session: Session, actor: Actor, authenticator_id: int) -> Authenticator:
    found = session.scalars(my_authenticators(actor.member_id).where(Authenticator.id == authenticator_id)).first()
    if found is None:
        raise NotFound
    return found


def my_kept_form(conn: Connection, account_id: int, form_id: int) -> Row[str, list[tuple[str, str]]]:
    statement = select(KeptForm.path, KeptForm.fields).where(KeptForm.id == form_id, KeptForm.account_id == account_id)
    found = conn.execute(statement).first()
    if found is None:
        raise NotFound
    return found
