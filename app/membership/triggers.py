"""The database's own word on who becomes a member: no case is approved without two different people, of whom neither is the sponsor,
a call-back or its waiver, and two kinds of evidence (V1 to V3). A mistake in the program can't get past it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, event

from app.membership.models import Application, Decision, Evidence
from app.membership.papers import CallBack, Waiver

if TYPE_CHECKING:
    from alembic.operations import Operations

WORD = "approval takes two people, a call-back and two kinds of evidence"
COUNTED = "(added_by IS NOT NULL OR source <> '')"  # what a reviewer saw, or a file of the association says
COUNTED_AT_FIRST = "added_by IS NOT NULL"  # for the migrations before there was a source
# Founding reviewers are invited by the administrator, before there is anybody to decide.
_IS_BARE = """
    NOT NEW.founding AND (
        (SELECT count(DISTINCT reviewer_id) FROM decisions WHERE application_id = NEW.id AND verdict = 'approve') < 2
        OR EXISTS (SELECT 1 FROM decisions WHERE application_id = NEW.id AND reviewer_id = NEW.sponsor_id)
        OR NOT (EXISTS (SELECT 1 FROM call_backs WHERE application_id = NEW.id)
                OR EXISTS (SELECT 1 FROM waivers WHERE application_id = NEW.id))
        OR (SELECT count(DISTINCT kind) FROM evidence WHERE application_id = NEW.id AND {counted})
            + (SELECT count(DISTINCT application_id) FROM call_backs WHERE application_id = NEW.id) < 2
    )
"""
# What a case is by its first row stays: else the exception could be claimed for any case, and nothing above would be asked.
KEPT = "whether a case is of a founding reviewer never changes"
_FUNCTION = """
CREATE OR REPLACE FUNCTION application_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {bare} THEN
    RAISE EXCEPTION '{word}';
  END IF;
  RETURN NEW;
END $$
"""


def _statements(dialect: str, counted: str = COUNTED) -> list[str]:
    bare = _IS_BARE.format(counted=counted)
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER applications_approved BEFORE UPDATE OF state ON applications "
            f"WHEN NEW.state = 'approved' AND OLD.state <> 'approved' AND {bare} BEGIN SELECT RAISE(ABORT, '{WORD}'); END",
            f"CREATE TRIGGER applications_begun BEFORE INSERT ON applications WHEN NEW.state = 'approved' AND NOT NEW.founding "
            f"BEGIN SELECT RAISE(ABORT, '{WORD}'); END",
            f"CREATE TRIGGER applications_founding BEFORE UPDATE OF founding ON applications WHEN NEW.founding <> OLD.founding "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        ]
    return [
        f"CREATE OR REPLACE FUNCTION application_founding() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$",
        "CREATE TRIGGER applications_founding BEFORE UPDATE OF founding ON applications FOR EACH ROW "
        "WHEN (NEW.founding <> OLD.founding) EXECUTE FUNCTION application_founding()",
        _FUNCTION.format(bare=bare, word=WORD),
        "CREATE TRIGGER applications_approved BEFORE UPDATE OF state ON applications FOR EACH ROW "
        "WHEN (NEW.state = 'approved' AND OLD.state <> 'approved') EXECUTE FUNCTION application_approved()",
        "CREATE TRIGGER applications_begun BEFORE INSERT ON applications FOR EACH ROW "
        "WHEN (NEW.state = 'approved') EXECUTE FUNCTION application_approved()",
    ]


def create_triggers(op: Operations, counted: str = COUNTED) -> None:
    """For migrations. One that rebuilds the table of applications on SQLite must call this again."""
    for statement in _statements(op.get_bind().dialect.name, counted):
        op.execute(statement)


def drop_triggers(op: Operations) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("applications_approved", "applications_begun", "applications_founding"):
        op.execute(f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite else " ON applications"))
    if not is_sqlite:
        op.execute("DROP FUNCTION IF EXISTS application_approved()")
        op.execute("DROP FUNCTION IF EXISTS application_founding()")


_TABLES: tuple[Table, ...] = tuple(m.__table__ for m in (Application, Decision, Evidence, CallBack, Waiver))  # type: ignore[misc]


def _after_create(_metadata: Any, connection: Connection, tables: Any = (), **_: Any) -> None:
    if _TABLES[0] in (tables or ()):
        for statement in _statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


event.listen(_TABLES[0].metadata, "after_create", _after_create)
