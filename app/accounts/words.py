"""The words that a person's password may not lean on: their name, address and agency, and the association's name (A4)."""

from __future__ import annotations

from sqlalchemy import Connection

from app.accounts import hooks
from app.core import site
from app.core.config import Settings


def words_against(conn: Connection, account_id: int, email: str, settings: Settings) -> tuple[str, ...]:
    person = hooks.person(conn, account_id)
    return (person.name, *person.words, email, site.read(conn, settings).name)
