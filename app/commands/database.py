"""`squadroom db …`."""

from __future__ import annotations

from app.commands import schema
from app.commands.running import Failed, settings_of


def upgrade() -> None:
    settings = settings_of("db")
    schema.upgrade(settings)
    print(f"The database is at migration {schema.needed()}.")


def check() -> None:
    differences = schema.drift(settings_of("db"))
    if differences:
        more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
        raise Failed(f"the database is not what this version needs: {differences[0]}{more}")
    print(f"The database is as migration {schema.needed()} makes it.")
