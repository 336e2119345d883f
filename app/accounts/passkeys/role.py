"""Who has a role and has shown no passkey: their session waits, and is good for showing one, or for adding the first (A2)."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.accounts import signing_in
from app.accounts.factors import Door
from app.accounts.models import Factor, SessionLevel, SignInSession
from app.accounts.passkeys import adding, showing
from app.accounts.passkeys.showing import Sent
from app.accounts.signing_in import Half, Onward
from app.core.errors import Forbidden


def waits(conn: Connection | Session, half: Half) -> bool:
    return signing_in.is_held(conn, half, SessionLevel.PASSKEY)


def may_add(conn: Connection, half: Half) -> bool:
    """Who has none yet; and who came with a recovery code, because theirs is lost. A code from an app is not enough for that."""
    shown = conn.execute(select(SignInSession.factor).where(SignInSession.id == half.session_id)).scalar()
    return waits(conn, half) and (shown == Factor.RECOVERY or not showing.has_one(conn, half.account_id))


def add_and_go_on(door: Door, sent: Sent, half: Half, name: str) -> Onward | None:
    """The new passkey was made with its owner verified: that is what the session waited for."""
    new = adding.prove(door, sent)
    with door.db.write() as session:
        if not may_add(session.connection(), half):
            raise Forbidden
        adding.add_passkey(session, signing_in.actor_of(session, half.account_id, half.origin), new, name)
        return signing_in.onward(door, session, half, Factor.PASSKEY)
