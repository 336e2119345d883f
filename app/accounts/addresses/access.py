"""The second fence for addresses: everyone reaches their own. Whose an address is, is for operations, never told to who asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.addresses.models import AccountAddress, AddressRequest
from app.accounts.models import Account
from app.core.access import Actor
from app.core.errors import NotFound


def holders_of(email: Any) -> Select[Any]:
    """The account that has this confirmed address, whichever of its addresses it is; `email` may be a bindparam, or a column of a row
    that some statement around this one stands at: never all of its table anew."""
    return select(AccountAddress.account_id).where(AccountAddress.email == email).correlate_except(AccountAddress)


def addresses_of(account_id: Any) -> Select[Any]:
    """The confirmed addresses of an account, for a condition."""
    return select(AccountAddress.email).where(AccountAddress.account_id == account_id)


def owner_of(conn: Connection | Session, email: str) -> int | None:
    """The account that has this confirmed address."""
    return conn.execute(select(AccountAddress.account_id).where(AccountAddress.email == email)).scalar_one_or_none()


def owners_of(conn: Connection | Session, emails: list[str]) -> dict[str, int]:
    """The accounts that have these confirmed addresses."""
    found = select(AccountAddress.email, AccountAddress.account_id).where(AccountAddress.email.in_(emails))
    return {row.email: row.account_id for row in conn.execute(found)}


def whose_mailbox(conn: Connection | Session, email: str) -> int | None:
    """The account that signs in with this address, or whose agency's it is; not one that only keeps it beside."""
    a = AccountAddress
    counts = a.is_agency | (Account.email == a.email)
    return conn.execute(select(a.account_id).join(Account, Account.id == a.account_id).where(a.email == email, counts)).scalar_one_or_none()


_SECOND = aliased(AccountAddress)
SECOND_EMAIL: Any = _SECOND.email
"""In a statement `with_second`: null for those who chose none."""


def with_second(statement: Select[Any], address_id: Any, account_id: Any, *where: ColumnElement[bool]) -> Select[Any]:
    """With the address that an account chose beside its first (a column names it); another account's is never joined."""
    return statement.outerjoin(_SECOND, and_(_SECOND.id == address_id, _SECOND.account_id == account_id, *where))


def confirmed(conn: Connection | Session, account_id: int) -> list[str]:
    """All addresses that are told of a change."""
    mine = select(AccountAddress.email).where(AccountAddress.account_id == account_id).order_by(AccountAddress.id)
    return list(conn.execute(mine).scalars())


def my_addresses(conn: Connection, account_id: int) -> list[Row[Any]]:
    a = AccountAddress
    columns = (a.id, a.email, a.is_agency, a.confirmed_at, (Account.email == a.email).label("is_primary"))
    mine = select(*columns).join(Account, Account.id == a.account_id).where(a.account_id == account_id)
    return list(conn.execute(mine.order_by(a.id)))


def my_request(conn: Connection | Session, account_id: int, session_id: int) -> Any:
    """What waits to be confirmed in this very session."""
    r = AddressRequest
    found = select(r.email, r.code_hash, r.expires_at).where(r.account_id == account_id, r.session_id == session_id)
    return conn.execute(found).first()


def my_address(session: Session, actor: Actor, address_id: int) -> AccountAddress:
    """One of one's own. The account's row is locked first, so that two acts on its addresses wait for each other."""
    session.get(Account, actor.member_id, with_for_update=True, populate_existing=True)
    statement = select(AccountAddress).where(AccountAddress.id == address_id, AccountAddress.account_id == actor.member_id)
    found = session.scalars(statement).first()
    if found is None:
        raise NotFound
    return found


# For operations on the account of a link's owner ----------------------------------------------------------------------------


def id_of(session: Session, email: str) -> int | None:
    return session.scalar(select(AccountAddress.id).where(AccountAddress.email == email))


def address_of(session: Session, account_id: int, address_id: int | None) -> AccountAddress | None:
    mine = select(AccountAddress).where(AccountAddress.id == address_id, AccountAddress.account_id == account_id)
    return session.scalars(mine).first()


def oldest_of(session: Session, account_id: int) -> AccountAddress | None:
    mine = select(AccountAddress).where(AccountAddress.account_id == account_id).order_by(AccountAddress.id).limit(1)
    return session.scalars(mine).first()
