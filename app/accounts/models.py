"""The sign-in side of a person: address, password, authenticators, sessions, tokens. Nothing here knows what a member is."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, UtcDateTime


class AuthenticatorKind(enum.StrEnum):
    """A second factor. A passkey is both factors at once; its key is in `passkeys`."""

    TOTP = "totp"
    PASSKEY = "passkey"


class SessionLevel(enum.StrEnum):
    """What a session has shown: the password alone, or the second factor too. Only `full` opens anything."""

    PASSWORD = "password"
    RENEW = "renew"  # both were shown, and the password is on the block list: a new one comes first (A4)
    PASSKEY = "passkey"  # both were shown, and the member's role asks for a passkey (A2)
    ADDRESS = "address"  # … and a retired member has yet to confirm an address of their own (V12)
    TERMS = "terms"  # … and the association asks to accept new rules of use
    RETURN = "return"  # both were shown by someone who is suspended and may ask to come back: good for that alone
    FULL = "full"


class Factor(enum.StrEnum):
    """The strongest second factor that a session has shown."""

    TOTP = "totp"
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    DEMO = "demo"  # the one click of a demonstration, which stands in for a passkey


STRONG = frozenset({Factor.PASSKEY, Factor.DEMO})
"""What opens the rights of a role (A2)."""


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # as core.email.normalise gives it
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_set_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    password_failures: Mapped[int] = mapped_column(default=0)  # consecutive; at 100 the password is disabled (A6)
    blocklist_version: Mapped[str] = mapped_column(String(20), default="")
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    failed_since: Mapped[int] = mapped_column(default=0)  # failed tries since the last sign-in, told at the next (A17)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Authenticator(Base):
    __tablename__ = "authenticators"
    __table_args__ = (Index("ix_authenticators_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(default=0)  # TOTP: the newest 30 s step that was taken; older ones are refused (A7)
    failures: Mapped[int] = mapped_column(default=0)  # consecutive; at 100 the authenticator is disabled (A6)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class SignInSession(Base):
    """A signed-in browser. The cookie's token is stored hashed. `ended_at` set means over, whatever the clock says."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    level: Mapped[str] = mapped_column(String(10))
    factor: Mapped[str] = mapped_column(String(10), default="", server_default="")  # one of Factor; empty until one was shown
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # the absolute limit; the idle one is counted from last_seen_at
    stepped_up_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")
    must_renew: Mapped[bool] = mapped_column(default=False)  # the password that began it is on the block list
    before_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # the sign-in before this one, told to the member (A17)
    failed_before: Mapped[int] = mapped_column(default=0)  # failed tries between that one and this


class BearerToken(Base):
    __tablename__ = "bearer_tokens"
    __table_args__ = (Index("ix_bearer_tokens_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[str] = mapped_column(String(60))  # comma-separated: read,write,moderate,admin
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Enrolment(Base):
    """A one-time right to set the password and the first authenticator: the link goes by mail, the code never does.

    Between its two pages the password's hash waits here, and only the browser that gave the code sees the new secret; the account
    gets both at the end or nothing. So a half-done enrolment leaves an account as it was, whatever it could do before.
    """

    __tablename__ = "enrolments"
    __table_args__ = (Index("ix_enrolments_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # none for links that are handed over on the console
    failures: Mapped[int] = mapped_column(default=0)  # wrong codes; five end the link
    browser_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    authenticator_id: Mapped[int | None] = mapped_column(ForeignKey("authenticators.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Throttle(Base):
    """Counts tries in a window. Keys are hashes (of an address tried, of a network), so that no address that was never ours is kept."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int]
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class KeptForm(Base):
    """What someone had typed when the session had run out: given back after sign-in, to the same account only."""

    __tablename__ = "kept_forms"
    __table_args__ = (Index("ix_kept_forms_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    path: Mapped[str] = mapped_column(String(300))
    fields: Mapped[list[tuple[str, str]]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
