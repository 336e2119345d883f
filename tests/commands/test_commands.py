"""The command line: exit codes, one line on standard error, JSON where a table is printed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.access import system
from app.core.audit_chain import seal
from app.core.signing import Signer
from tests.commands.squadroom import Done, Squadroom


@pytest.fixture(scope="module")
def squadroom(tmp_path_factory: pytest.TempPathFactory) -> Squadroom:
    """With its tables made and nothing in them; the tests of this file leave it so that the next can go on."""
    made = Squadroom(tmp_path_factory.mktemp("commands") / "data")
    done = made.run("db", "upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    return made


def refusal(done: Done) -> str:
    """The one line with which a command said no."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_wrong_usage_is_2(squadroom: Squadroom) -> None:
    assert squadroom.run("nonsense").returncode == 2
    assert squadroom.run("serve", "--port", "many").returncode == 2
    assert squadroom.run("digest", "run", "--at", "tomorrow").returncode == 2


def test_a_setting_that_does_not_exist_stops_every_command(squadroom: Squadroom) -> None:
    assert "SQUADROOM_DATA_DRI is not a setting" in refusal(squadroom.run("db", "check", DATA_DRI="x"))
    assert "SQUADROOM_TIME_ZONE" in refusal(squadroom.run("serve", TIME_ZONE="Mars/Olympus"))


def test_an_empty_database_is_named_as_such(tmp_path) -> None:
    assert "run `squadroom db upgrade`" in refusal(Squadroom(tmp_path / "data").run("audit", "verify"))


def test_the_tables_are_checked(squadroom: Squadroom) -> None:
    assert squadroom.run("db", "check").returncode == 0
    with squadroom.database() as db, db.write() as session:
        session.execute(sa.text("CREATE TABLE somebody_elses (id INTEGER PRIMARY KEY)"))
    assert "somebody_elses" in refusal(squadroom.run("db", "check"))
    with squadroom.database() as db, db.write() as session:
        session.execute(sa.text("DROP TABLE somebody_elses"))


def test_what_is_made_is_nobody_elses_to_read(squadroom: Squadroom) -> None:
    assert oct(squadroom.data.stat().st_mode)[-3:] == "700"
    assert [path for path in squadroom.data.iterdir() if path.stat().st_mode & 0o077] == []


def test_an_administrator_and_a_token(squadroom: Squadroom) -> None:
    made = squadroom.run("admin", "create", "--email", "boss@association.example", "--name", "Ann Boss", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["link"].startswith("http://localhost:8000/enrol/")
    assert "squadroom: " in refusal(squadroom.run("admin", "create", "--email", "boss@association.example", "--name", "Ann Boss"))
    token = squadroom.run("token", "create", "--email", "Boss@Association.example", "--scope", "read,admin", "--json")
    assert len(json.loads(token.stdout)["token"]) > 30
    assert "nobody here has the address" in refusal(squadroom.run("token", "create", "--email", "nobody@association.example"))
    assert "scope" in refusal(squadroom.run("token", "create", "--email", "boss@association.example", "--scope", "fly"))
    assert "people in it" in refusal(squadroom.run("demo"))


def test_a_broken_row_of_a_file_is_named_by_line(squadroom: Squadroom, tmp_path) -> None:
    assert "nothing.csv" in refusal(squadroom.run("import", "agencies", str(tmp_path / "nothing.csv")))


def test_the_log_verifies_until_it_is_changed(squadroom: Squadroom) -> None:  # R3
    with squadroom.database() as db:
        with db.write() as session:
            audit.record(session, system("test"), "thing.done")
        seal(db, Signer(squadroom.settings.keys), squadroom.settings)
        done = squadroom.run("audit", "verify")
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
        assert done.stdout.startswith("audit log verifies: ")
        with db.write() as session:
            session.execute(sa.text("DROP TRIGGER audit_events_no_update"))
            session.execute(sa.text("UPDATE audit_events SET verb = 'nothing.happened' WHERE verb = 'thing.done'"))
    assert "does not verify: 1 problem" in refusal(squadroom.run("audit", "verify"))
    told = squadroom.run("audit", "verify", "--json")
    assert (told.returncode, len(json.loads(told.stdout)["problems"])) == (1, 1)


def test_the_doctor_tells_what_is_wrong(squadroom: Squadroom) -> None:
    done = squadroom.run("doctor", "--json")
    findings = {finding["what"]: finding["state"] for finding in json.loads(done.stdout)["findings"]}
    assert findings["tables"] == findings["database"] == findings["data folder"] == "well"
    assert findings["people"] == findings["mail"] == findings["virus scanner"] == "look"
    squadroom.data.chmod(0o755)
    assert "can be read by others" in refusal(squadroom.run("doctor", "--json"))
    squadroom.data.chmod(0o700)


def test_serve_loads_nothing_that_it_does_not_need() -> None:
    """The first answer within 1.5 s leaves no room for them."""
    program = "import sys\nsys.argv = ['squadroom', 'serve', '--help']\nfrom app.cli import main\nmain()\nimport app.main, uvicorn\n"
    program += "late = ('rich', 'alembic', 'zxcvbn', 'passlib', 'markdown_it', 'cryptography.fernet', 'webauthn', 'PIL', 'pypdf')\n"
    program += "print([name for name in late if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_worker_loads_no_web_framework() -> None:
    """Its memory. (What one message through a pipe transport may load: test_mail_accept.py.)"""
    program = "import sys\nimport app.worker, app.wiring, app.mail.inbound.lmtp\n"
    program += "print([name for name in ('fastapi', 'uvicorn') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
