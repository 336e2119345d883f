"""The database's own word on who becomes a member: no case is approved without two different people, of whom neither is the sponsor,
a call-back or its waiver, and two kinds of evidence (V1 to V3); nor before it was looked whether the address is made to look like
another's, and if it is, without calls to two numbers or the waiver (V7). A waiver by the sponsor, or for a member at an address that is
none of theirs, is none. A mistake in the program can't get past it."""

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
# Looking takes the registry and is the program's part. That it looked, and what follows from what it found, the database asks for.
_MARKS = "+(). x/-X"  # that stand in a number beside its digits


def _dialled(column: str) -> str:
    for mark in _MARKS:
        column = f"replace({column}, '{mark}', '')"
    return column


def _ends_otherwise(one: str, other: str) -> str:
    return f"substr({one}, length({one}) - length({other}) + 1) <> {other}"


_ONE, _OTHER = _dialled("one.number"), _dialled("other.number")
_WAIVED = "EXISTS (SELECT 1 FROM waivers WHERE application_id = NEW.id{and_counts})"
# A sponsor's waiver counts for nothing. Neither does any for a member who asks at an address that is none of theirs: nothing but the call
# ties whoever asks to the member.
_COUNTS = """
            AND admin_id <> coalesce(NEW.sponsor_id, 0)
            AND (NEW.purpose <> 'recover'
                 OR EXISTS (SELECT 1 FROM account_addresses WHERE account_id = NEW.member_id AND email = NEW.email))"""
WAIVED = _WAIVED.format(and_counts=_COUNTS)
_TWO_NUMBERS = """
        OR NEW.look_alike IS NULL
        OR (NEW.look_alike AND NOT {waived} AND NOT EXISTS (
            SELECT 1 FROM call_backs one JOIN call_backs other ON other.application_id = one.application_id
            WHERE one.application_id = NEW.id AND {differ}))
"""
TWO_NUMBERS = _TWO_NUMBERS.format(waived=WAIVED, differ=f"{_ends_otherwise(_ONE, _OTHER)} AND {_ends_otherwise(_OTHER, _ONE)}")
NOT_ASKED = ""  # for the migrations before it was asked
# Founding reviewers are invited by the administrator, before there is anybody to decide.
_IS_BARE = """
    NOT NEW.founding AND (
        (SELECT count(DISTINCT reviewer_id) FROM decisions WHERE application_id = NEW.id AND verdict = 'approve') < 2
        OR EXISTS (SELECT 1 FROM decisions WHERE application_id = NEW.id AND reviewer_id = NEW.sponsor_id)
        OR NOT (EXISTS (SELECT 1 FROM call_backs WHERE application_id = NEW.id)
                OR {waived})
        OR (SELECT count(DISTINCT kind) FROM evidence WHERE application_id = NEW.id AND {counted})
            + (SELECT count(DISTINCT application_id) FROM call_backs WHERE application_id = NEW.id) < 2
        {numbers}
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


def _statements(dialect: str, counted: str = COUNTED, numbers: str = TWO_NUMBERS) -> list[str]:
    waived = _WAIVED.format(and_counts="") if numbers == NOT_ASKED else WAIVED  # the tables that it looks at came later, too
    bare = _IS_BARE.format(counted=counted, numbers=numbers, waived=waived)
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


def create_triggers(op: Operations, counted: str = COUNTED, numbers: str = TWO_NUMBERS) -> None:
    """For migrations. One that rebuilds the table of applications on SQLite must call this again."""
    for statement in _statements(op.get_bind().dialect.name, counted, numbers):
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
