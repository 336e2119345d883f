"""The roster dry run, apply, undo: end to end, through the commands that an operator types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core import clock
from app.membership.models import Application, Member
from tests.commands.squadroom import Squadroom
from tests.people import Ids, build

HEAD = "email,name,rank,ori,member_class,status"
ROWS = (
    "analyst@bexley.example,Priya Nair,,CS0020000,civilian,separated",
    "zoe.rowe@bexley.example,Zoë Rowe,Deputy,CS0020000,sworn,active",
    "colleague@alderwood.example,Tom Reyes,Lieutenant,CS0010100,sworn,active",
)


@pytest.fixture(scope="module")
def squadroom(tmp_path_factory: pytest.TempPathFactory) -> Squadroom:
    made = Squadroom(tmp_path_factory.mktemp("rosters") / "data")
    assert made.run("db", "upgrade").returncode == 0
    with made.database() as db, db.write() as session:
        ids: Ids = build(session)
    assert ids.members["analyst"]
    return made


def write(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8-sig") -> str:
    path = folder / "roster.csv"
    path.write_bytes("\r\n".join([head, *rows]).encode(encoding))
    return str(path)


def stands(squadroom: Squadroom) -> dict[str, tuple[str, str]]:
    with squadroom.database() as db, db.read() as conn:
        return {row.name: (row.status, row.rank) for row in conn.execute(select(Member.name, Member.status, Member.rank))}


def test_the_roster_dry_run_apply_undo(squadroom: Squadroom, tmp_path: Path) -> None:  # V11
    before, file = stands(squadroom), write(tmp_path, *ROWS)
    shown = squadroom.run("import", "roster", file)
    assert (shown.returncode, shown.stderr) == (0, "")
    for word in ("Joins", "zoe.rowe@bexley.example", "Zoë Rowe", "Leaves", "analyst@bexley.example", "Moves", "Nothing is changed yet"):
        assert word in shown.stdout
    assert "retired@alderwood.example" in shown.stdout.split("Not in the file")[1]
    assert stands(squadroom) == before

    done = squadroom.run("import", "roster", file, "--apply", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    number = json.loads(done.stdout)["import_id"]
    after = stands(squadroom)
    assert after["Priya Nair"][0] == "separated"
    assert after["Tom Reyes"] == ("active", "Lieutenant")
    with squadroom.database() as db, db.read() as conn:
        assert conn.execute(select(Application.name, Application.state, Application.member_id)).all() == [("Zoë Rowe", "submitted", None)]
    listed = squadroom.run("import", "list").stdout
    assert f"{clock.now():%Y-%m-%d}" in listed
    assert "1 joins, 1 moves, 1 leaves" in listed

    undone = squadroom.run("import", "undo", str(number))
    assert (undone.returncode, undone.stderr) == (0, "")
    assert "2 members put back, 1 cases withdrawn" in undone.stdout
    assert stands(squadroom) == before
    again = squadroom.run("import", "undo", str(number))
    assert (again.returncode, "was undone already" in again.stderr) == (1, True)
    assert json.loads(squadroom.run("import", "list", "--json").stdout)["imports"][0]["undone_at"]


def test_what_is_no_roster_is_refused_in_one_line(squadroom: Squadroom, tmp_path: Path) -> None:
    before = stands(squadroom)
    for file, says in (
        (write(tmp_path / "..", "x,y", head="mail,who"), "The columns are not those of a roster"),
        (str(tmp_path / "none.csv"), "No such file"),
        (str(tmp_path), "Is a directory"),
    ):
        done = squadroom.run("import", "roster", file, "--apply")
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert says in done.stderr
    assert squadroom.run("import", "undo", "999").returncode == 1
    assert stands(squadroom) == before


def test_rows_in_conflict_are_named_and_the_rest_is_applied(squadroom: Squadroom, tmp_path: Path) -> None:
    twice = ROWS[1].replace("sworn", "head")
    done = squadroom.run("import", "roster", write(tmp_path, *ROWS[1:], twice, encoding="utf-8"), "--apply")
    assert done.returncode == 1
    assert "2 row(s) of roster.csv were not applied, the first at line 2" in done.stderr
    assert "lines 2, 4 say different things of this person" in done.stdout
    assert stands(squadroom)["Tom Reyes"] == ("active", "Lieutenant")
