"""Letters to the owner of an account about what was done with it (A10): to all confirmed addresses, in fixed words, each with a link
for who has to say that it was not them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.accounts.disavow.links import Undo, new_link
from app.core import clock
from app.core.access import Actor
from app.core.ports import mail
from app.core.ports.mail import Letter

NOTHING_TO_HOLD = Undo()
SESSIONS = "/settings/sessions"  # where who did not do it themselves ends the others'


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, in one sentence or two, and the page on which the member does what it asks of them, if it asks for anything."""

    what: str
    page: str = ""


def tell(session: Session, actor: Actor, account_id: int, said: str | Notice, undo: Undo | None = NOTHING_TO_HOLD) -> None:
    """Tell the account's addresses what happened. Each letter's link is its own; no `undo` at all, no link."""
    notice = Notice(said) if isinstance(said, str) else said
    what = notice.what
    values = {"what": what, "page": notice.page, "at": clock.now(), "network": actor.origin.address}
    for address in addresses.confirmed(session, account_id):
        path = new_link(session, account_id, what, undo) if undo is not None else ""
        letter = Letter(
            kind="account", to=address, template="mail/account_notice", subject="Your account was changed",
            key=f"account-notice:{account_id}:{secrets.token_hex(8)}", values={**values, "path": path}, member_id=account_id,
            page=notice.page or SESSIONS,
        )  # fmt: skip
        mail.queue(session, letter)
