"""L1: what was acknowledged is there after the server was killed in the middle of its work, and nothing is there by half."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import httpx
from sqlalchemy import func, select, text

from app.accounts.models import BearerToken
from app.core import clock
from app.core.audit import AuditEvent
from app.core.signing import new_token, token_hash
from app.forum.models import Reply, Thread
from tests import people
from tests.commands.squadroom import Squadroom, wait_for
from tests.forum.steps import LESSON

ROUNDS, EACH = 3, 7


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:  # L1
    squadroom = Squadroom(tmp_path / "data")
    assert squadroom.run("db", "upgrade").returncode == 0
    token = _someone(squadroom)
    acknowledged: list[tuple[int, str]] = []
    for turn in range(ROUNDS):
        with squadroom.serving("--no-worker") as (process, port):
            client = httpx.Client(base_url=f"http://localhost:{port}/api/v1", headers={"authorization": f"Bearer {token}"})
            if turn == 0:
                assert client.post("/forums/patrol/threads", json=LESSON).status_code == 201
            poster = threading.Thread(target=_post, args=(client, turn, acknowledged))
            poster.start()
            before = len(acknowledged)
            wait_for(lambda wanted=before + EACH: len(acknowledged) >= wanted)
            process.kill()
            process.wait()
            poster.join()
            client.close()
        _check(squadroom, acknowledged)
    assert len(acknowledged) >= ROUNDS * EACH


def _someone(squadroom: Squadroom) -> str:
    """The cast, and a token of the chief's."""
    token, now = new_token(), clock.now()
    with squadroom.database() as db, db.write() as session:
        ids = people.build(session)
        session.add(
            BearerToken(
                account_id=ids.members["chief"], name="t", token_hash=token_hash(token), scopes="read,write", created_at=now,
                expires_at=now + dt.timedelta(days=1),
            )
        )  # fmt: skip
    return token


def _post(client: httpx.Client, turn: int, acknowledged: list[tuple[int, str]]) -> None:
    """Reply again and again until the server is gone; keep what it said it had taken."""
    for n in range(80):
        body = f"Round {turn}, reply {n}."
        try:
            answer = client.post("/threads/1/replies", json={"body": body})
        except httpx.TransportError:
            return
        assert answer.status_code == 201
        acknowledged.append((answer.json()["position"], body))


def _check(squadroom: Squadroom, acknowledged: list[tuple[int, str]]) -> None:
    with squadroom.database() as db, db.read() as conn:
        found = {(row.position, row.body) for row in conn.execute(select(Reply.position, Reply.body))}
        assert found >= set(acknowledged)
        assert sorted(position for position, _ in found) == list(range(len(found)))
        assert conn.execute(select(Thread.last_position)).scalar_one() == len(found) - 1
        logged = conn.execute(select(func.count()).where(AuditEvent.verb == "reply.post")).scalar_one()
        assert logged == len(found) - 1
        assert conn.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
