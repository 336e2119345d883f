"""A log with rows in it, and somebody who has the database's password."""

from __future__ import annotations

import sqlalchemy as sa

from app.core import audit
from app.core.access import Origin, system
from app.core.audit_chain import seal, verify
from tests.world import World


def write(world: World, count: int = 1, verb: str = "thing.done") -> None:
    with world.db.write() as session:
        for n in range(count):
            actor = system("test").seen_from(Origin("192.0.2.7", 5, f"request-{n}"))
            audit.record(session, actor, verb, ("thing", n), before="a", after=f"b {n}")


def do_seal(world: World) -> int:
    return seal(world.db, world.platform.signer, world.settings)


def problems(world: World) -> list[str]:
    return verify(world.db, world.platform.signer, world.settings)


def tamper(world: World, *statements: str) -> None:
    """As somebody with the database's password would: triggers off first."""
    with world.db.writer.begin() as conn:
        if world.db.is_sqlite:
            for name in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:  # for this transaction alone: the database is put back for the next test, its triggers are not
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            assert conn.execute(sa.text(statement)).rowcount != 0, f"changed nothing: {statement}"
