"""`squadroom import mbox`: the dry run's figures, the import, what could not be read, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.forum.models import Reply
from tests.commands.squadroom import Squadroom
from tests.forum.archives import mail, mbox, written
from tests.people import build

GOOD = (
    mail("K-9 budget", by="Dale <sheriff@bexley.example>", id="<a1@l>"),
    mail("Re: K-9 budget", id="<a2@l>", to="<a1@l>"),
    mail("Re: K-9 budget", id="<a2@l>", to="<a1@l>"),
    mail("Re: Radio alias", id="<a3@l>", to="<lost@l>"),
)
FIGURES = """\
3 messages would be taken in: 2 threads and 1 reply.
1 thread begins with a reply, because what it answers is not in the archive.
1 message stands in the archive twice, and 0 were here already.
1 author is a member, with 1 message; 1 is not.
Nothing was written.
"""


@pytest.fixture(scope="module")
def squadroom(tmp_path_factory: pytest.TempPathFactory) -> Squadroom:
    made = Squadroom(tmp_path_factory.mktemp("archives") / "data")
    assert made.run("db", "upgrade").returncode == 0
    with made.database() as db, db.write() as session:
        build(session)
    return made


def replies(squadroom: Squadroom) -> int:
    with squadroom.database() as db, db.read() as conn:
        return conn.execute(select(func.count()).select_from(Reply)).scalar_one()


def test_a_dry_run_then_the_import_then_the_same_again(squadroom: Squadroom, tmp_path: Path) -> None:
    whole = str(written(tmp_path, mbox(*GOOD), packed=True, name="archive.mbox.gz"))
    words = ("import", "mbox", whole, "--forum", "patrol")
    dry = squadroom.run(*words, "--dry-run")
    assert (dry.returncode, dry.stdout, dry.stderr) == (0, FIGURES, "")
    assert replies(squadroom) == 0
    done = squadroom.run(*words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    figures = {"messages": 3, "threads": 2, "replies": 1, "orphans": 1, "duplicates": 1, "already_here": 0}
    authors = {"matched_authors": 1, "other_authors": 1, "matched_messages": 1}
    assert json.loads(done.stdout) == {"dry_run": False, **figures, **authors, "unreadable": []}
    assert replies(squadroom) == 3
    again = squadroom.run(*words)
    assert (again.returncode, again.stdout.split("\n")[0]) == (0, "0 messages were taken in: 0 threads and 0 replies.")
    assert replies(squadroom) == 3


def test_what_can_not_be_read_is_named_and_the_rest_is_taken(squadroom: Squadroom, tmp_path: Path) -> None:
    before = replies(squadroom)
    broken = b"From x Tue Mar  4 10:00:00 2014\nX-Junk: 1\n\nNothing.\n\n"
    path = written(tmp_path, broken + mbox(mail("Vests", id="<v@l>")))
    words = ("import", "mbox", str(path), "--forum", "patrol")
    dry = squadroom.run(*words, "--dry-run")
    assert dry.returncode == 0
    assert "archive.mbox, line 2, left out: has no header" in dry.stdout
    done = squadroom.run(*words)
    assert done.returncode == 1
    assert done.stderr == "squadroom: 1 message could not be read, the first in archive.mbox at line 2: has no header\n"
    assert replies(squadroom) == before + 1


@pytest.mark.parametrize(
    ("data", "forum", "words"),
    [
        (b"Dear all", "patrol", "begins neither as an mbox"),
        (mbox(*GOOD), "nowhere", "There is no forum with the address nowhere."),
    ],
)
def test_a_refusal_is_one_line(squadroom: Squadroom, tmp_path: Path, data: bytes, forum: str, words: str) -> None:
    done = squadroom.run("import", "mbox", str(written(tmp_path, data)), "--forum", forum)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert words in done.stderr
