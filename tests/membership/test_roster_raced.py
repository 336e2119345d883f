"""Two operators at once, and a database that gives way in the middle: a roster is applied once, undone once, and never by half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.errors import Conflict
from app.membership.models import Application, Member
from app.membership.roster_file import undoing
from app.membership.roster_file.models import RosterChange, RosterImport
from tests.membership.test_roster_file import JOINS, LEAVES, applied, undone
from tests.races import at_once
from tests.world import World

ROLLS = 6  # operators at once
MOVES = "colleague@alderwood.example,Tom Reyes,Lieutenant,CS0030100,sworn,active"
RETIRES = "moderator@corvane.example,Teresa Bohannon,Captain,CS0030100,sworn,retired"
ROWS = (LEAVES, JOINS, JOINS.replace("zoe.rowe", "abe.rowe").replace("Zoë", "Abe"), MOVES, RETIRES)
TOUCHED = ("analyst", "colleague", "moderator")


def members(world: World) -> list[Any]:
    """Who they are, without the count of changes and the number of the import that is their reason."""
    columns = [c for c in Member.__table__.c if c.name not in ("version", "read_version", "status_reason")]
    statement = select(*columns).where(Member.id.in_([world.id(key) for key in TOUCHED])).order_by(Member.id)
    with world.db.read() as conn:
        return [tuple(row) for row in conn.execute(statement)]


def cases(world: World) -> dict[str, list[str]]:
    """The states of the cases of each address."""
    found: dict[str, list[str]] = {}
    with world.db.read() as conn:
        for row in conn.execute(select(Application.email, Application.state).order_by(Application.id)):
            found.setdefault(row.email.partition("@")[0], []).append(row.state)
    return found


def test_one_file_applied_by_six_at_once_changes_everybody_once(world: World) -> None:  # L6
    results = at_once([partial(applied, world, *ROWS)] * ROLLS)
    assert all(isinstance(one, int) for one in results)
    assert cases(world) == {"zoe.rowe": ["submitted"], "abe.rowe": ["submitted"]}
    with world.db.read() as conn:
        changes = conn.execute(select(RosterChange.import_id, RosterChange.email)).all()
    assert len(changes) == len({row.email for row in changes}) == len(ROWS)
    assert len({row.import_id for row in changes}) == 1, "one of them did it all"
    with world.db.read() as conn:
        counts = sorted(tuple(row) for row in conn.execute(select(RosterImport.joins, RosterImport.moves, RosterImport.leaves)))
    assert counts == [(0, 0, 0)] * (ROLLS - 1) + [(2, 1, 2)]


def test_an_import_undone_by_six_at_once_is_undone_once(world: World) -> None:  # L6
    before = members(world)
    number = applied(world, *ROWS)
    assert members(world) != before
    results = at_once([partial(undone, world, number)] * ROLLS)
    [done] = [one for one in results if isinstance(one, undoing.Undone)]
    assert (done.members, done.cases, done.left) == (3, 2, [])
    refused = [str(one) for one in results if isinstance(one, Conflict)]
    assert len(refused) == ROLLS - 1
    assert {"was undone already" in one for one in refused} == {True}
    assert members(world) == before
    assert cases(world) == {"zoe.rowe": ["withdrawn"], "abe.rowe": ["withdrawn"]}


def test_applied_anew_and_undone_at_once_the_one_waits_for_the_other(world: World) -> None:  # L6
    """Whoever comes first, each member and each case is either as the file says or as before, all of them alike."""
    before = members(world)
    first = applied(world, *ROWS)
    after = members(world)
    second, undoing_it = at_once([partial(applied, world, *ROWS), partial(undone, world, first)])
    assert isinstance(undoing_it, undoing.Undone)
    assert (undoing_it.members, undoing_it.cases, undoing_it.left) == (3, 2, [])
    anew = world.count(RosterChange, RosterChange.import_id == second)
    assert anew in (0, len(ROWS))
    assert members(world) == (after if anew else before)
    last = ["withdrawn", "submitted"] if anew else ["withdrawn"]
    assert cases(world) == {"zoe.rowe": last, "abe.rowe": last}


FAILS_AT = {  # the table whose nth row the database refuses, and how many rows it takes first
    "the import's own row": ("roster_imports", 0),
    "the second case": ("applications", 1),
    "the evidence of the second case": ("evidence", 1),
    "what is kept of the third row": ("roster_changes", 2),
    "what is kept of the last row": ("roster_changes", len(ROWS) - 1),
    "the log": ("audit_events", 4),
}


@contextmanager
def gives_way(world: World, table: str, rows: int) -> Iterator[None]:
    """Meanwhile the database takes so many more rows in this table, and refuses the next."""
    with world.db.write() as session:
        many = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() + rows  # a table's name of ours
        for statement in (_ON_SQLITE if world.db.is_sqlite else _ON_POSTGRES).format(table=table, many=many).split("----"):
            session.connection().exec_driver_sql(statement)
    try:
        yield
    finally:
        with world.db.write() as session:
            session.execute(text("DROP TRIGGER gives_way" if world.db.is_sqlite else "DROP FUNCTION gives_way CASCADE"))


_ON_SQLITE = """
CREATE TRIGGER gives_way BEFORE INSERT ON {table} WHEN (SELECT count(*) FROM {table}) >= {many}
BEGIN SELECT RAISE(ABORT, 'the disk gave way'); END
"""
_ON_POSTGRES = """
CREATE FUNCTION gives_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) FROM {table}) >= {many} THEN RAISE EXCEPTION 'the disk gave way'; END IF;
  RETURN NEW;
END $$
---- CREATE TRIGGER gives_way BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION gives_way()
"""


@pytest.mark.parametrize("what", FAILS_AT)
def test_a_failure_in_the_middle_leaves_nothing_half_done(world: World, what: str) -> None:  # L6
    script = world.script("analyst")
    with gives_way(world, *FAILS_AT[what]):
        before = world.all_rows()
        with pytest.raises(DBAPIError, match="the disk gave way"):
            applied(world, *ROWS)
        assert world.all_rows() == before
        assert script.call("GET", "/me").status_code == 200, "who would have left is still in"
    number = applied(world, *ROWS)
    assert world.count(RosterChange, RosterChange.import_id == number) == len(ROWS), "the same file goes through afterwards"
    assert script.call("GET", "/me").status_code == 401


@pytest.mark.parametrize("written", [0, 2, 4])  # of the five entries in the log, the last of which closes the undoing
def test_undoing_that_fails_in_the_middle_leaves_the_import_as_it_stands(world: World, written: int) -> None:  # L6
    number = applied(world, *ROWS)
    with gives_way(world, "audit_events", written):
        before = world.all_rows()
        with pytest.raises(DBAPIError, match="the disk gave way"):
            undone(world, number)
        assert world.all_rows() == before
    assert (undone(world, number).members, cases(world)["zoe.rowe"]) == (3, ["withdrawn"])
