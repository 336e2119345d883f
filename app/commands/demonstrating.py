"""`squadroom demo` and `squadroom seed`: databases filled for looking at and for measuring."""

from __future__ import annotations

from typing import Any

from app.commands import schema
from app.commands.running import Failed, database, settings_of, show
from app.core.config import Settings
from app.core.db import Database


def demo(as_json: bool) -> None:
    """Into an empty database alone. Passwords and authenticator secrets are new each time, and are told here only."""
    from app.association.demo.build import build_demo

    settings = settings_of("demo")
    schema.make_ready(settings)
    with database(settings) as db:
        _require_empty(db)
        cast = build_demo(db, settings)
    if as_json:
        show({"cast": cast})
    else:
        _print_cast(settings, cast)


def seed(members: int, threads: int, replies: int, number: int) -> None:
    from app import seeding

    settings = settings_of("seed")
    schema.make_ready(settings)
    with database(settings) as db:
        _require_empty(db)
        seeding.seed(db, members, threads, replies, number)
    print(f"Seeded {members:,} members, {threads:,} threads and {replies:,} replies.")


def _require_empty(db: Database) -> None:
    from sqlalchemy import select

    from app.accounts.models import Account

    with db.read() as conn:
        if conn.execute(select(Account.id).limit(1)).first() is not None:
            raise Failed("the database has people in it already; this goes only into an empty one")


def _print_cast(settings: Settings, cast: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("who", "name", "address", "password", "authenticator secret", box=None, pad_edge=False)
    for person in cast:
        table.add_row(*[str(person.get(key) or "") for key in ("key", "name", "email", "password", "totp_secret")])
    console = Console()
    console.print(f"The demo association is in {settings.data_dir if settings.is_sqlite else 'the database'}. Its cast:")
    console.print(table)
