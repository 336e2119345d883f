"""`squadroom serve`: it answers, runs one worker beside it, and both end together, gently or not."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request

import pytest

from app.core import audit
from app.core.access import system
from app.core.audit_chain import unsealed
from app.core.site import SiteRow
from tests.commands.squadroom import Squadroom, answers, children, free_port, is_alive, wait_for


@pytest.fixture
def squadroom(tmp_path) -> Squadroom:
    return Squadroom(tmp_path / "data")


def test_it_serves_seals_and_stops(squadroom: Squadroom) -> None:  # L12 R3
    with squadroom.serving() as (process, port):
        worker = wait_for(lambda: children(process.pid))[0]
        with squadroom.database() as db:
            with db.write() as session:
                audit.record(session, system("test"), "thing.done")
            wait_for(lambda: unsealed(db) == 0)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.headers["server"] is None  # C5
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        assert not is_alive(worker)
    assert "Traceback" not in (squadroom.data.parent / "server.log").read_text()


def test_a_killed_server_takes_its_worker_with_it(squadroom: Squadroom) -> None:  # L12
    with squadroom.serving() as (process, _):
        worker = wait_for(lambda: children(process.pid))[0]
        process.kill()
        process.wait()
        wait_for(lambda: not is_alive(worker))


def test_several_web_processes_answer_at_one_port(squadroom: Squadroom) -> None:
    with squadroom.serving("--workers", "2", "--no-worker") as (process, port):
        assert answers(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0


def test_a_port_that_is_taken_is_told_in_one_line(squadroom: Squadroom) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = squadroom.run("serve", "--port", str(taken.getsockname()[1]), "--no-worker")
    assert done.returncode == 1
    assert "could not listen" in done.stderr.splitlines()[-1]


def test_the_demo_is_served_on_loopback_and_from_its_own_database_alone(squadroom: Squadroom) -> None:
    assert squadroom.run("db", "upgrade").returncode == 0
    outside = squadroom.run("serve", "--host", "0.0.0.0", ENV="demo")
    assert (outside.returncode, "loopback only" in outside.stderr) == (1, True)
    foreign = squadroom.run("serve", "--port", str(free_port()), ENV="demo")
    assert (foreign.returncode, "`squadroom demo` made" in foreign.stderr) == (1, True)
    with squadroom.database() as db, db.write() as session:
        session.add(SiteRow(id=1, name="A", address="B", time_zone="UTC", made_by="demo"))
    with squadroom.serving("--no-worker", ENV="demo") as (_, port), pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-For": "192.0.2.1"}))


def test_numbers_for_prometheus_have_a_listener_of_their_own(squadroom: Squadroom) -> None:
    listener = free_port()
    with squadroom.serving("--no-worker", METRICS_LISTEN=f"127.0.0.1:{listener}") as (_, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{listener}/metrics") as answer:
            text = answer.read().decode()
        assert 'squadroom_request_seconds_count{method="GET",route="/healthz",status="200"}' in text
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/metrics")) as page:
            assert b"squadroom_request_seconds" not in page.read()  # C5: on the site it is no page at all
