"""`squadroom admin …` and `squadroom token …`."""

from __future__ import annotations

from app.commands.running import Failed, database, settings_of, show
from app.core.email import normalise


def create_admin(email: str, name: str, as_json: bool) -> None:
    from app.association.operations import create_admin as create

    settings, address = settings_of("admin"), _address(email)
    with database(settings) as db, db.write() as session:
        token = create(session, address, name)
    _show_link(f"{settings.origin}/enrol/{token}", as_json)


def recover_admin(email: str, as_json: bool) -> None:
    from app.association.operations import recover_admin as recover

    settings, address = settings_of("admin"), _address(email)
    with database(settings) as db, db.write() as session:
        token = recover(session, address)
    _show_link(f"{settings.origin}/enrol/{token}", as_json)


def _show_link(link: str, as_json: bool) -> None:
    if as_json:
        show({"link": link})
    else:
        print(f"Open this link within 72 hours to choose a password and set up an authenticator; it works once:\n{link}")


def create_token(email: str, name: str, days: int, scope: str) -> str:
    """A token with these scopes (names with commas) for the member with this address."""
    from sqlalchemy import select

    from app.accounts.models import Account
    from app.accounts.operations.tokens import TokenWish
    from app.accounts.operations.tokens import create_token as create
    from app.core.access import system

    address = _address(email)
    wish = TokenWish(name, tuple(word.strip() for word in scope.split(",") if word.strip()), days)
    with database(settings_of("token")) as db, db.write() as session:
        account_id = session.execute(select(Account.id).where(Account.email == address)).scalar()
        if account_id is None:
            raise Failed(f"nobody here has the address {address}")
        return create(session, system("command-line"), account_id, wish)


def show_token(token: str, as_json: bool) -> None:
    if as_json:
        show({"token": token})
    else:
        print(token)


def _address(email: str) -> str:
    try:
        return normalise(email)
    except ValueError as error:
        raise Failed(f"--email {error}") from None
