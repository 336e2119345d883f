"""The panic button among a hundred thousand sessions: an administrator presses it for one member after another, and each session of the
member is asked for a page until all were refused."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import delete, insert, text

from app.accounts.models import Factor, SessionLevel, SignInSession
from app.core import clock
from app.core.signing import Signer, new_token, token_hash
from app.web import csrf
from bench.places import READER, Browser, Place, Server
from bench.processes import BenchError

OF_EACH, FIRST = 50, 100  # sessions of a member who is pressed for, and the first of these members
CHUNK = 2000
_SESSIONS: Any = SignInSession.__table__


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, the fastest first: until the press was answered, and until the last of the sessions was refused."""

    answered: list[float]
    all_refused: list[float]


def fill(place: Place, presses: int, size: int) -> tuple[Browser, dict[int, list[str]]]:
    """So many sessions in the table, 50 of them each of one who is pressed for; the administrator's browser, and the cookies of each."""
    pressed = {FIRST + n: [new_token() for _ in range(OF_EACH)] for n in range(presses)}
    own = new_token()
    others = [(FIRST + presses + n % 1000, new_token()) for n in range(size - presses * OF_EACH - 1)]
    rows = [(READER, own), *((member, token) for member, tokens in pressed.items() for token in tokens), *others]
    now = clock.now()
    with place.database() as db, db.write() as session:
        session.execute(delete(SignInSession))
        for start in range(0, len(rows), CHUNK):
            session.connection().execute(insert(_SESSIONS), [_session(*row, now) for row in rows[start : start + CHUNK]])
        session.execute(text("ANALYZE"))
    return Browser(f"squadroom={own}", csrf.issue(Signer(place.settings().keys), token_hash(own))), pressed


def _session(member: int, token: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "account_id": member, "token_hash": token_hash(token), "level": SessionLevel.FULL, "factor": Factor.PASSKEY, "created_at": now,
        "last_seen_at": now, "expires_at": now + dt.timedelta(hours=12), "stepped_up_at": now,
    }  # fmt: skip


def times(server: Server, admin: Browser, pressed: dict[int, list[str]]) -> Times:
    """Press for each member in turn."""
    answered, all_refused = [], []
    with httpx.Client(base_url=server.origin, timeout=30) as client:
        for member, tokens in pressed.items():
            if not all(_is_let_in(client, token) for token in tokens[:2]):
                raise BenchError("there was no session to end")
            began = time.perf_counter()
            _press(client, admin, member)
            answered.append(time.perf_counter() - began)
            if any(_is_let_in(client, token) for token in tokens):
                raise BenchError("a session outlived the press")
            all_refused.append(time.perf_counter() - began)
    return Times(sorted(answered), sorted(all_refused))


def _press(client: httpx.Client, admin: Browser, member: int) -> None:
    headers = {"cookie": admin.cookie, "origin": str(client.base_url).rstrip("/")}
    answer = client.post(f"/admin/members/{member}/sessions/end", data={"csrf": admin.csrf}, headers=headers)
    if not answer.headers.get("location", "").startswith(f"/admin/members/{member}"):
        raise BenchError(f"the press was answered with {answer.status_code} {answer.headers.get('location', '')}")


def _is_let_in(client: httpx.Client, token: str) -> bool:
    return client.get("/settings/sessions", headers={"cookie": f"squadroom={token}"}).status_code == 200
