"""`squadroom demo` and `squadroom seed`: databases filled for looking at and for measuring."""

from __future__ import annotations

from typing import Any

from app.commands import schema
from app.commands.running import database, settings_of, show
from app.core.config import Settings


def demo(as_json: bool) -> None:
    """Into an empty database alone. Passwords and authenticator secrets are new each time, and are told here only."""
    from app.association.demo.build import build_demo

    settings = settings_of("demo")
    schema.make_ready(settings)
    with database(settings) as db:
        cast = build_demo(db, settings)
    if as_json:
        show({"cast": cast})
    else:
        _print_cast(settings, cast)


def seed(members: int, threads: int, replies: int, number: int) -> None:
    from app import seeding
    from app.search import indexing

    settings = settings_of("seed")
    schema.make_ready(settings)
    with database(settings) as db:
        seeding.seed(db, seeding.Size(members, threads, replies, number))
        indexing.everything(db)
    print(f"Seeded {members:,} members, {threads:,} threads and {replies:,} replies.")


def _print_cast(settings: Settings, cast: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("who", "name", "address", "password", "authenticator secret"):
        table.add_column(heading, no_wrap=True)
    for person in cast:
        table.add_row(*[str(person.get(key) or "") for key in ("key", "name", "email", "password", "totp_secret")])
    console = Console(width=200, highlight=False)  # whatever the terminal's width: a password with its end cut off is none
    console.print(f"The demo association is in {settings.data_dir if settings.is_sqlite else 'the database'}. Its cast:")
    console.print(table)
