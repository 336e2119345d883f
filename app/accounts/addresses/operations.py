"""One's own addresses (A10): add by a code from the mailbox, remove, choose which is signed in with, say which is the agency's.

Each change is told to all confirmed addresses, those before and those after it.
"""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import codes, hooks, notices, throttle
from app.accounts.addresses import access, letters
from app.accounts.addresses.models import AccountAddress, AddressRequest
from app.accounts.disavow.links import Undo
from app.accounts.models import Account
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid

MOST = 5
A_DAY = 10  # requests of one member
LETTERS = 3  # to one address in a day
LIVES = dt.timedelta(hours=24)
DAY = dt.timedelta(days=1)
NOWHERE = "left.invalid"
WRONG = "That is not the code from the newest letter, or it is too old. Type it in the browser in which you added the address."


def ask(session: Session, actor: Actor, session_id: int, email: str, lives: dt.timedelta = LIVES) -> None:
    """Write to the mailbox. Whether the address is free or somebody else's: the answer and the row are the same."""
    now, mine = clock.now(), access.confirmed(session, actor.member_id)
    if email in mine:
        raise Invalid(email="This is one of your addresses already.")
    if len(mine) >= MOST:
        raise Invalid(email=f"There are {MOST} addresses already. Remove one first.")
    if throttle.counted(session, f"address member {actor.member_id}", DAY, now) > A_DAY:
        raise Invalid(email="You asked for many addresses today. Please go on tomorrow.")
    code = codes.new_code()
    session.execute(delete(AddressRequest).where(AddressRequest.account_id == actor.member_id))
    request = AddressRequest(account_id=actor.member_id, email=email, code_hash=codes.code_hash(code), session_id=session_id)
    request.expires_at = now + lives
    session.add(request)
    session.flush()
    if throttle.counted(session, f"address letter {email}", DAY, now) <= LETTERS:
        letters.ask(session, email, code, lives, is_taken=access.owner_of(session, email) is not None)
    audit.record(session, actor, "address.ask", ("account", actor.member_id))


def confirm(session: Session, actor: Actor, session_id: int, code: str) -> None:
    """The code from the letter, in the session that asked."""
    row = access.my_request(session, actor.member_id, session_id)
    if row is None or row.expires_at <= clock.now() or not hmac.compare_digest(row.code_hash, codes.code_hash(code)):
        raise Invalid(code=WRONG)
    added = AccountAddress(account_id=actor.member_id, email=row.email, confirmed_at=clock.now())
    session.add(added)
    try:
        session.flush()
    except IntegrityError:  # it became somebody's since the letter was written
        raise Invalid(code=WRONG) from None
    session.execute(delete(AddressRequest).where(AddressRequest.account_id == actor.member_id))
    audit.record(session, actor, "address.add", ("address", added.id), account=actor.member_id)
    notices.tell(session, actor, actor.member_id, f"An address was added: {row.email}.", Undo("address", added.id))


def remove(session: Session, actor: Actor, address_id: int) -> None:
    row = access.my_address(session, actor, address_id)
    if row.email == session.get_one(Account, actor.member_id).email:
        raise Conflict("You sign in with this address. Choose another one for that first.")
    notices.tell(session, actor, actor.member_id, f"An address was removed: {row.email}.")
    _drop(session, actor, row)
    _require_own_one(session, actor)


def _require_own_one(session: Session, actor: Actor) -> None:
    """A retired member keeps an address that is theirs: without it they would not be let in again (V12)."""
    session.flush()
    if hooks.lacks_address(session.connection(), actor.member_id):
        raise Conflict("You are a retired member, and this is the only address that is your own. Add another one first.")


def _drop(session: Session, actor: Actor, row: AccountAddress) -> None:
    audit.record(session, actor, "address.remove", ("address", row.id), account=row.account_id, email=row.email)
    was_agency, account_id = row.is_agency, row.account_id
    session.delete(row)
    session.flush()
    if was_agency:
        hooks.agency_address_changed(session, account_id)


def make_primary(session: Session, actor: Actor, address_id: int) -> None:
    """The address to sign in with and to be written to. Which one is the agency's stays as it was marked."""
    row = access.my_address(session, actor, address_id)
    account = session.get_one(Account, actor.member_id)
    if account.email == row.email:
        return
    former, account.email = account.email, row.email
    session.flush()
    audit.record(session, actor, "address.primary", ("address", row.id), account=account.id, before=former, after=row.email)
    what = f"The address to sign in with was changed from {former} to {row.email}."
    notices.tell(session, actor, account.id, what, Undo("primary", access.id_of(session, former)))


def vetted(session: Session, actor: Actor, account_id: int, email: str) -> None:
    """Two reviewers gave a member who had no mailbox left this address, which is confirmed by the letter that was answered from it: it is
    signed in with from now on. The others stay, and are told; any of them can take it back."""
    account = session.get_one(Account, account_id, with_for_update=True)
    owner = access.owner_of(session, email)
    if owner not in (None, account_id):
        raise Invalid(verdict="Somebody else here has the new address. Decline this, and have them ask again with another one.")
    if owner is None:
        added = AccountAddress(account_id=account_id, email=email, confirmed_at=clock.now())
        session.add(added)
        session.flush()
        audit.record(session, actor, "address.add", ("address", added.id), account=account_id)
        notices.tell(session, actor, account_id, "Two reviewers gave you a new address.", Undo("address", added.id))
    before, account.email = account.email, email
    session.flush()
    audit.record(session, actor, "address.primary", ("account", account_id), before=before, after=email)


def release(session: Session, actor: Actor, account_id: int, email: str) -> None:
    """The address of somebody who left is free for who has the mailbox now. The account stays, without it: where it was the only one, with
    one that no letter reaches."""
    account = session.get_one(Account, account_id, with_for_update=True)
    if account.email == email:
        account.email = next((one for one in access.confirmed(session, account_id) if one != email), f"left-{account_id}@{NOWHERE}")
        session.flush()
    session.execute(delete(AccountAddress).where(AccountAddress.account_id == account_id, AccountAddress.email == email))
    audit.record(session, actor, "address.release", ("account", account_id), email=email)


def mark_agency(session: Session, actor: Actor, address_id: int) -> None:
    """Say which address is the agency's. That is not the one that vetting saw, so membership is told."""
    row = access.my_address(session, actor, address_id)
    if row.is_agency:
        return
    mine = update(AccountAddress).where(AccountAddress.account_id == actor.member_id)
    session.execute(mine.values(is_agency=AccountAddress.id == row.id).execution_options(synchronize_session=False))
    hooks.agency_address_changed(session, actor.member_id)
    _require_own_one(session, actor)
    audit.record(session, actor, "address.agency", ("address", row.id), account=actor.member_id)
    notices.tell(session, actor, actor.member_id, f"The address of your agency is now said to be {row.email}.")


# What "this was not me" takes back (disavow/operations.py) ------------------------------------------------------------------


def take_back(session: Session, actor: Actor, address_id: int | None) -> None:
    """An address that its owner did not add goes. If it is signed in with by now, the oldest one is again."""
    row = access.address_of(session, actor.member_id, address_id)
    if row is None:
        return
    account = session.get_one(Account, actor.member_id, with_for_update=True)
    if account.email == row.email:
        make_first_again(session, actor, None)
    if account.email != row.email:
        _drop(session, actor, row)


def make_first_again(session: Session, actor: Actor, address_id: int | None) -> None:
    """The address that was signed in with before, or the oldest there is."""
    former = access.address_of(session, actor.member_id, address_id) or access.oldest_of(session, actor.member_id)
    account = session.get_one(Account, actor.member_id, with_for_update=True)
    if former is None or account.email == former.email:
        return
    before, account.email = account.email, former.email
    session.flush()
    audit.record(session, actor, "address.primary", ("address", former.id), account=account.id, before=before, after=former.email)
