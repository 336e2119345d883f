"""The roster dry run, apply, undo: end to end, through the commands that an operator types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import Base
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


def lines(*rows: str, head: str = HEAD) -> str:
    return "\r\n".join([head, *rows])


MANY = "\n".join([HEAD, *(["x@y.example,Ann Ash,,,sworn,active"] * 100_001)])
NO_ROSTERS: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "The file is empty. Its first line must be: email,name,"),
    "nothing but a byte order mark": ("".encode("utf-8-sig"), "The file is empty"),
    "blank lines": (b"\r\n \r\n", "The file is empty"),
    "other columns": (lines("x,y", head="mail,who").encode(), "The columns are not those of a roster. The first line must be: email,"),
    "a column too many": (lines(head=HEAD + ",phone").encode(), "The columns are not those of a roster"),
    "a column twice": (lines(head=HEAD.replace("rank", "name")).encode(), "The columns are not those of a roster"),
    "no line of columns": (lines(*ROWS[1:], head=ROWS[0]).encode(), "The columns are not those of a roster"),
    "an old encoding that is not certain": (lines(ROWS[1]).encode("cp1252") + "\r\n“Ann”".encode("cp1252"), "encoding is not certain"),
    "a mark before an old encoding": (b"\xef\xbb\xbf" + lines(ROWS[1]).encode("latin-1"), "encoding is not certain"),
    "half a letter of UTF-16": (lines(ROWS[1]).encode("utf-16")[:-1], "begins as UTF-16 and can't be read as such"),
    "UTF-16 that does not say so": (lines(ROWS[1]).encode("utf-16-le"), "The file is no text. Save the roster as CSV in UTF-8."),
    "a spreadsheet's own file": (b"PK\x03\x04\x14\x00\x06\x00", "The file is no text"),
    "too many rows": (MANY.encode(), "The file has more than 100,000 rows."),
    "80 MB": (lines(*ROWS).encode() + b"\n" + b" " * 80_000_000, "The file is larger than 20 MB."),
}


@pytest.mark.parametrize("name", NO_ROSTERS)
def test_what_is_no_roster_is_refused_in_one_line(squadroom: Squadroom, tmp_path: Path, name: str) -> None:
    before, (data, says) = everything(squadroom), NO_ROSTERS[name]
    file = tmp_path / "roster.csv"
    file.write_bytes(data)
    refused(squadroom, str(file), says)
    assert everything(squadroom) == before


def test_what_is_no_file_or_no_import_is_refused_in_one_line(squadroom: Squadroom, tmp_path: Path) -> None:
    refused(squadroom, str(tmp_path / "none.csv"), "No such file")
    refused(squadroom, str(tmp_path), "Is a directory")
    assert squadroom.run("import", "undo", "999").returncode == 1


def refused(squadroom: Squadroom, file: str, says: str) -> None:
    done = squadroom.run("import", "roster", file, "--apply")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert says in done.stderr


def everything(squadroom: Squadroom) -> dict[str, list[str]]:
    with squadroom.database() as db, db.read() as conn:
        return {table.name: sorted(map(repr, conn.execute(select(table)))) for table in Base.metadata.sorted_tables}


READ: dict[str, tuple[bytes, str]] = {
    "with a byte order mark": (lines(ROWS[1]).encode("utf-8-sig"), ""),
    "in an old encoding": (lines(ROWS[1]).encode("latin-1"), "The file is read as Latin-1. Look whether the names are right."),
    "in UTF-16": (lines(ROWS[1]).encode("utf-16"), "The file is read as UTF-16."),
    "with semicolons": (lines(ROWS[1]).replace(",", ";").encode(), ""),
    "in another order": (b"status;name;email;ori;rank;member_class\nactive;Zo\xc3\xab Rowe;Zoe.Rowe@BEXLEY.example;CS0020000;;sworn", ""),
    "each row twice": (lines(ROWS[1], ROWS[1].replace("zoe.rowe@", " ZOE.Rowe@")).encode(), "stands in line 2 already, which is taken"),
}


@pytest.mark.parametrize("name", READ)
def test_what_spreadsheets_write_is_shown_as_it_was_meant(squadroom: Squadroom, tmp_path: Path, name: str) -> None:
    before, (data, says) = everything(squadroom), READ[name]
    file = tmp_path / "roster.csv"
    file.write_bytes(data)
    shown = squadroom.run("import", "roster", str(file))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "zoe.rowe@bexley.example" in shown.stdout
    assert "Zoë Rowe" in shown.stdout
    assert says in shown.stdout
    assert "read as" in shown.stdout if "read as" in says else "read as" not in shown.stdout
    assert "1 joins, 0 moves, 0 leaves" in shown.stdout
    assert everything(squadroom) == before


def test_rows_in_conflict_are_named_and_the_rest_is_applied(squadroom: Squadroom, tmp_path: Path) -> None:
    twice = ROWS[1].replace("sworn", "head")
    done = squadroom.run("import", "roster", write(tmp_path, *ROWS[1:], twice, encoding="utf-8"), "--apply")
    assert done.returncode == 1
    assert "2 row(s) of roster.csv were not applied, the first at line 2" in done.stderr
    assert "lines 2, 4 say different things of this person" in done.stdout
    assert stands(squadroom)["Tom Reyes"] == ("active", "Lieutenant")
