"""Bearer tokens for scripts: made, listed by their owner, ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import notices
from app.accounts.access import my_token
from app.accounts.models import BearerToken
from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import Forbidden, Invalid
from app.core.signing import new_token, token_hash

SCOPES = ("read", "write", "moderate", "admin")
MAX_DAYS = 90
MAX_TOKENS = 20  # live ones of one member


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a token is to be: its name, its scopes, and for how many days."""

    name: str
    scopes: tuple[str, ...]
    days: int = 30


def create_token(session: Session, actor: Actor, account_id: int, wish: TokenWish) -> str:
    """The token, in clear this once. A member makes their own, read or read and write; the rest comes from the command line alone."""
    by_command = actor.is_system and actor.may(Right.ADMIN)
    if not by_command and (actor.id != account_id or set(wish.scopes) - {"read", "write"}):
        raise Forbidden
    _check(session, account_id, wish)
    now, token = clock.now(), new_token()
    row = BearerToken(
        account_id=account_id, name=wish.name[:100], token_hash=token_hash(token), scopes=",".join(s for s in SCOPES if s in wish.scopes),
        created_at=now, expires_at=now + dt.timedelta(days=wish.days),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor, "token.create", ("token", row.id), account=account_id, scopes=row.scopes, days=wish.days)
    notices.tell(session, actor, account_id, f"A token for scripts was made: {row.name}. It ends on {row.expires_at:%B %d, %Y}.")
    return token


def _check(session: Session, account_id: int, wish: TokenWish) -> None:
    if not wish.scopes or set(wish.scopes) - set(SCOPES):
        raise Invalid(scope=f"Must be some of: {', '.join(SCOPES)}.")
    if not 1 <= wish.days <= MAX_DAYS:
        raise Invalid(days=f"A token lives from 1 to {MAX_DAYS} days.")
    live = (BearerToken.account_id == account_id, BearerToken.revoked_at.is_(None), BearerToken.expires_at > clock.now())
    if (session.scalar(select(func.count()).select_from(BearerToken).where(*live)) or 0) >= MAX_TOKENS:
        raise Invalid(name=f"There are {MAX_TOKENS} tokens already. End one that is not needed any more.")


def end_token(session: Session, actor: Actor, token_id: int) -> None:
    """End one of one's own tokens."""
    row = my_token(session, actor, token_id)
    row.revoked_at = row.revoked_at or clock.now()
    audit.record(session, actor, "token.end", ("token", row.id))
