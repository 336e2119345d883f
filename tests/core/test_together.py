"""Writes whose outcome nobody needs: one trip on PostgreSQL, the same rows on both engines, and all of them or none."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError

from app.core import audit, jobs
from app.core.access import system
from app.core.audit import AuditEvent
from app.core.jobs import Job
from app.core.together import Said, together
from tests.world import World

_JOBS = Job.__table__
_RENAMED = update(_JOBS).where(_JOBS.c.key == bindparam("which")).values(error=bindparam("error"))


def writes(world: World) -> list[Said]:
    by = system("test")
    return [
        jobs.queued("test.one", {"of": "one"}, world.now, "one"),
        jobs.queued("test.two", {"of": ["two", None]}, world.now, "two"),
        audit.line(by, "test.done", ("thread", 3), what='it\'s 50 % \\ "so"'),
        Said(_RENAMED, {"which": "old", "error": "renamed"}),
    ]


def test_all_of_them_are_written_as_if_one_by_one(world: World) -> None:
    with world.db.write() as session:
        jobs.enqueue(session, "test.old", {}, world.now, "old")
    with world.count_queries() as queries, world.db.write() as session:
        together(session, writes(world))
    acts = [statement for statement in queries.statements if not statement.startswith("BEGIN")]
    assert len(acts) == (4 if world.db.is_sqlite else 1)
    with world.db.read() as conn:
        rows = conn.execute(
            select(Job.kind, Job.payload, Job.run_at, Job.state, Job.error).where(Job.kind.like("test.%")).order_by(Job.kind)
        ).all()
        logged = conn.execute(select(AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.verb == "test.done")).all()
    assert [tuple(row) for row in rows] == [
        ("test.old", {}, world.now, "queued", "renamed"),
        ("test.one", {"of": "one"}, world.now, "queued", ""),
        ("test.two", {"of": ["two", None]}, world.now, "queued", ""),
    ]
    assert [tuple(row) for row in logged] == [(3, '{"what": "it\'s 50 % \\\\ \\"so\\""}')]


def test_one_that_cannot_be_written_undoes_the_others(world: World) -> None:
    wrong = Said(_RENAMED, {"which": "old", "error": None})  # the column takes no NULL
    with world.db.write() as session:
        jobs.enqueue(session, "test.old", {}, world.now, "old")
    with pytest.raises(DBAPIError), world.db.write() as session:
        together(session, [*writes(world)[:3], wrong])
    with world.db.read() as conn:
        assert conn.execute(select(Job.kind).where(Job.kind.like("test.%"))).scalars().all() == ["test.old"]
        assert conn.execute(select(AuditEvent.id).where(AuditEvent.verb == "test.done")).first() is None
