"""The verbs of accounts. Pages, commands and membership call these; each asks, writes and logs in the caller's transaction."""

from app.accounts.operations.access_ends import (
    disable,
    enable,
    end_access,
    end_one_session,
    end_sessions,
    release,
    sign_out_everywhere,
)
from app.accounts.operations.authenticators import (
    add_authenticator,
    confirm_authenticator,
    remove_authenticator,
    rename_authenticator,
    renew_recovery_codes,
)
from app.accounts.operations.invite import invite, invite_to_recover
from app.accounts.operations.password import Change, change_password, renew_password, set_password
from app.accounts.operations.tokens import TokenWish, create_token, end_token

__all__ = [
    "Change",
    "TokenWish",
    "add_authenticator",
    "change_password",
    "confirm_authenticator",
    "create_token",
    "disable",
    "enable",
    "end_access",
    "end_one_session",
    "end_sessions",
    "end_token",
    "invite",
    "invite_to_recover",
    "release",
    "remove_authenticator",
    "rename_authenticator",
    "renew_password",
    "renew_recovery_codes",
    "set_password",
    "sign_out_everywhere",
]
