"""The database's own word on addresses: an account's sign-in address is one of its confirmed ones, and no address is two people's,
however it was written and by how many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, event

from app.accounts.addresses.models import AccountAddress

if TYPE_CHECKING:
    from alembic.operations import Operations

_INSERT = """
    INSERT INTO account_addresses (account_id, email, is_agency, confirmed_at)
    VALUES (NEW.id, NEW.email, {true}, NEW.created_at);
"""
# An address that is one of the account's own already only becomes the first; another takes the former's place, mark and all.
_UPDATE = """
    UPDATE account_addresses SET email = NEW.email
    WHERE account_id = NEW.id AND email = OLD.email
        AND NOT EXISTS (SELECT 1 FROM account_addresses WHERE account_id = NEW.id AND email = NEW.email);
"""
_NAMES = ("accounts_address_made", "accounts_address_moved")


def _statements(dialect: str) -> list[str]:
    made, moved = _NAMES
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {made} AFTER INSERT ON accounts BEGIN {_INSERT.format(true=1)} END",
            f"CREATE TRIGGER {moved} AFTER UPDATE OF email ON accounts WHEN NEW.email <> OLD.email BEGIN {_UPDATE} END",
        ]
    function = "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    return [
        function.format(name=made, body=_INSERT.format(true="true")),
        function.format(name=moved, body=_UPDATE),
        f"CREATE TRIGGER {made} AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION {made}()",
        f"CREATE TRIGGER {moved} AFTER UPDATE OF email ON accounts FOR EACH ROW WHEN (NEW.email <> OLD.email) EXECUTE FUNCTION {moved}()",
    ]


def create_triggers(op: Operations) -> None:
    """For migrations. One that rebuilds the table of accounts on SQLite must call this again."""
    for statement in _statements(op.get_bind().dialect.name):
        op.execute(statement)


def drop_triggers(op: Operations) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in _NAMES:
        op.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite else " ON accounts"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")


_TABLE: Table = AccountAddress.__table__  # type: ignore[assignment]


def _after_create(_metadata: Any, connection: Connection, tables: Any = (), **_: Any) -> None:
    if _TABLE in (tables or ()):
        for statement in _statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


event.listen(_TABLE.metadata, "after_create", _after_create)
