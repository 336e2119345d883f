"""Letters to the owner of an account about what was done with it (A10). Fixed words; where to turn if it was not them."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import clock
from app.core.access import Actor
from app.core.ports import mail
from app.core.ports.mail import Letter


def tell(session: Session, actor: Actor, account_id: int, what: str) -> None:
    """Tell the account's address what happened, in one sentence or two."""
    account = session.get(Account, account_id)
    if account is None:
        return
    values = {"what": what, "at": clock.now(), "network": actor.origin.address}
    letter = Letter(
        kind="account", to=account.email, template="mail/account_notice", subject="Your account was changed",
        key=f"account-notice:{account_id}:{secrets.token_hex(8)}", values=values, member_id=account_id,
    )  # fmt: skip
    mail.queue(session, letter)
